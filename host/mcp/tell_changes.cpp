#include "host/mcp/tell_changes.hpp"

#include <array>

#include "host/mcp/set_true.hpp"

namespace mcpr::mcp {

Verdict TellChanges::edit(std::string_view json, std::string& out) {
  static constexpr std::array<std::string_view, 4> kPath{"result", "capabilities", "tools", "listChanged"};
  out.clear();
  const JsonText parsed(json);
  if (parsed.error()) return Verdict::pass;
  JsonWalk walk = parsed.walk();
  std::vector<Edit> edits;
  const bool fine = each_message(walk, [&] { return set_true(walk, parsed.text(), kPath, edits); });
  if (!fine || edits.empty()) return Verdict::pass;
  out = mcp::apply(parsed.text(), edits);
  return Verdict::changed;
}

}  // namespace mcpr::mcp
