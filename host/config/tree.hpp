// The whole configuration: all layers laid over one another, every value knowing where it came from.
// Built on one thread, then immutable.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/claim.hpp"
#include "host/config/sources.hpp"

namespace mcpr::config {

class ConfigTree {
 public:
  // Defaults, files, environment, command line; what comes later wins. Problems of the layers come along.
  explicit ConfigTree(Layers layers, std::span<const Claim> claims = {});

  const Node& root() const { return root_; }
  const Node* find(std::string_view key) const;  // relaxed spelling, aliases taken
  Resolver resolver() const { return {root_, environment_}; }
  const Environment& environment() const { return environment_; }

  const std::vector<std::filesystem::path>& files() const { return files_; }
  const std::vector<std::string>& profiles() const { return profiles_; }
  const std::vector<std::string>& notes() const { return notes_; }  // said once, nothing is wrong
  const Problems& problems() const { return problems_; }

  // What lies at the prefixes as one JSON object, for the plugin that takes them: the members of a section as they are,
  // anything else under the last name of its prefix. Later prefixes win. `schema` (null: none) decides on types and
  // spelling.
  boost::json::object subtree(std::span<const std::string> prefixes, const boost::json::value& schema,
                              Problems& problems) const;

 private:
  Node root_;
  Environment environment_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::string> profiles_;
  std::vector<std::string> notes_;
  Problems problems_;
};

// Lays `over` on `under`, objects deep: an entry of discovery-order on its plugin's subtree.
void merge(boost::json::object& under, const boost::json::object& over);

}  // namespace mcpr::config
