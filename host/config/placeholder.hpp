// ${NAME:default} inside values.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "host/config/node.hpp"

namespace mcpr::config {

using Environment = std::map<std::string, std::string, std::less<>>;

// Resolves placeholders from the environment first, verbatim, then from other keys of the tree, which may hold
// placeholders themselves. `\${` stays as `${`. Work and length are bounded, circles are found. Borrows both arguments.
class Resolver {
 public:
  Resolver(const Node& root, const Environment& environment) : root_(root), environment_(environment) {}

  // The text with every placeholder replaced. Nothing, with the reason, where that cannot be.
  std::optional<std::string> resolve(std::string_view text, std::string& why) const;

  // Of a scalar. A placeholder that cannot be replaced becomes a problem at the value's place.
  std::optional<std::string> resolve(const Node& scalar, Problems& problems) const;

 private:
  struct Run;
  bool expand(std::string_view text, int depth, Run& run, std::string& out) const;
  bool replace(std::string_view inside, int depth, Run& run, std::string& out) const;

  const Node& root_;
  const Environment& environment_;
};

}  // namespace mcpr::config
