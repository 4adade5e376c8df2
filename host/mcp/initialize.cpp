#include "host/mcp/initialize.hpp"

#include "host/mcp/json_text.hpp"

namespace mcpr::mcp {

std::optional<ServerFacts> read_initialize_result(std::string_view result_json) {
  const JsonText text(result_json);
  if (text.error()) return std::nullopt;
  JsonWalk walk = text.walk();
  if (walk.peek() != '{') return std::nullopt;

  ServerFacts facts;
  std::string_view raw;
  const bool read = members(walk, [&](std::string_view key) {
    if (key == "protocolVersion") {
      facts.protocol_version.clear();
      return walk.string(raw) && unescape(raw, facts.protocol_version);
    }
    if (key != "capabilities") return walk.skip(raw);
    return members(walk, [&](std::string_view capability) {
      if (capability == "logging") {
        facts.logging = walk.peek() == '{';
        return walk.skip(raw);
      }
      const bool tools = capability == "tools";
      if (!tools && capability != "resources") return walk.skip(raw);
      facts.tools = facts.tools || (tools && walk.peek() == '{');
      return members(walk, [&](std::string_view feature) {
        if (!walk.skip(raw)) return false;
        if (!tools && feature == "subscribe") facts.resources_subscribe = raw == "true";
        if (tools && feature == "listChanged") facts.tools_list_changed = raw == "true";
        return true;
      });
    });
  });
  if (!read || !walk.done() || facts.protocol_version.empty()) return std::nullopt;
  return facts;
}

}  // namespace mcpr::mcp
