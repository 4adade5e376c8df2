// Typed values out of the nodes of one service, with errors that say where, whose and what.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expand.hpp"
#include "node.hpp"
#include "service.hpp"

namespace mcpr::reader {

// Where a document comes from.
struct Context {
  std::string file;    // for error texts; empty: the router's own configuration, where ${...} is replaced already
  std::string folder;  // what relative paths inside start from
  Environment environment = process_environment;
};

class Fields {
 public:
  // `owner` begins each error text: "service 'weather'".
  Fields(const Context& context, Dialect dialect, std::string owner, Reading& reading)
      : context_(context), dialect_(dialect), owner_(std::move(owner)), reading_(reading) {}

  void fail(Place place, std::string_view text);
  void note(Place place, std::string_view text);
  const Context& context() const { return context_; }

  // The members of a map by their names in kebab case (`caFile` and `ca_file` are ca-file). Members that are null are
  // left out. Unknown ones are errors, or notes in files that other programs own.
  using Keys = std::map<std::string, const Member*>;
  Keys keys(const Node& map, std::string_view what, std::span<const std::string_view> known);

  // Each leaves out alone where it fails. `what` names the value in errors.
  bool literal(const Node& node, std::string_view what, std::string& out);  // as written
  bool text(const Node& node, std::string_view what, std::string& out);     // with ${...} replaced
  bool flag(const Node& node, std::string_view what, bool& out);
  bool weight(const Node& node, std::string_view what, std::uint32_t& out_milli);
  bool duration_ms(const Node& node, std::string_view what, std::uint64_t& out);
  bool words(const Node& node, std::string_view what, std::vector<std::string>& out);  // a list, or separated by commas
  bool pairs(const Node& node, std::string_view what, KeyValues& out);                 // a map of texts

 private:
  const Context& context_;
  Dialect dialect_;
  std::string owner_;
  Reading& reading_;
};

std::string kebab(std::string_view key);

}  // namespace mcpr::reader
