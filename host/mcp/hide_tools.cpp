#include "host/mcp/hide_tools.hpp"

#include "host/mcp/array_cut.hpp"
#include "host/mcp/json_text.hpp"

namespace mcpr::mcp {
namespace {

// Whether the tool that the walk stands at has a hidden name; `raw` is its text.
bool read_tool(JsonWalk& walk, const ToolNames& hidden, std::string_view& raw, bool& hide) {
  if (walk.peek() != '{') return walk.skip(raw);
  const std::size_t from = walk.offset();
  std::string plain;
  const bool fine = members(walk, [&](std::string_view key) {
    std::string_view value;
    if (key != "name" || walk.peek() != '"') return walk.skip(value);
    if (!walk.string(value)) return false;
    plain.clear();
    // A lone surrogate is in no name that a source could give.
    hide = hide || (unescape(value, plain) && hidden.contains(plain));
    return true;
  });
  if (fine) raw = walk.slice(from);
  return fine;
}

}  // namespace

Verdict HideTools::edit(std::string_view json, std::string& out) {
  out.clear();
  const JsonText parsed(json);
  if (parsed.error()) {
    out = parsed.error();
    return Verdict::refused;
  }
  JsonWalk walk = parsed.walk();
  std::vector<Edit> edits;
  std::string_view raw;
  const bool fine = each_message(walk, [&] {
    return members(walk, [&](std::string_view key) {
      if (key != "result") return walk.skip(raw);
      return members(walk, [&](std::string_view part) {
        if (part != "tools" || walk.peek() != '[') return walk.skip(raw);
        ArrayCut cut(edits);
        const bool whole = walk.array([&] {
          bool hide = false;
          if (!read_tool(walk, *hidden_, raw, hide)) return false;
          cut.element(raw, hide);
          return true;
        });
        cut.finish();
        return whole;
      });
    });
  });
  if (!fine) {
    out.assign(walk.error()).append(" at byte ").append(std::to_string(walk.error_at()));
    return Verdict::refused;
  }
  if (edits.empty()) return Verdict::pass;
  out = mcp::apply(parsed.text(), edits);
  return Verdict::changed;
}

}  // namespace mcpr::mcp
