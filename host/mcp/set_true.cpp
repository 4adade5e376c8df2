#include "host/mcp/set_true.hpp"

namespace mcpr::mcp {

bool set_true(JsonWalk& walk, std::string_view text, std::span<const std::string_view> path, std::vector<Edit>& edits) {
  std::string_view raw;
  if (walk.peek() != '{') return walk.skip(raw);
  const std::string_view first_member = text.substr(walk.offset() + 1, 0);
  bool found = false, empty = true;
  const bool fine = members(walk, [&](std::string_view key) {
    empty = false;
    if (key != path.front()) return walk.skip(raw);
    if (path.size() > 1) return set_true(walk, text, path.subspan(1), edits);
    found = true;
    if (!walk.skip(raw)) return false;
    if (raw != "true") edits.push_back({raw, "true"});
    return true;
  });
  if (fine && path.size() == 1 && !found) {
    edits.push_back({first_member, "\"" + std::string(path.front()) + (empty ? "\":true" : "\":true,")});
  }
  return fine;
}

}  // namespace mcpr::mcp
