#include "host/mcp/initialize.hpp"

#include "host/mcp/json_walk.hpp"
#include "host/mcp/peek.hpp"

namespace mcpr::mcp {
namespace {

// Members of the object that the walk stands at: on_member(unescaped key) as in JsonWalk::object. Anything but an
// object is skipped.
template <class OnMember>
bool members(JsonWalk& walk, OnMember on_member) {
  std::string_view ignored;
  if (walk.peek() != '{') return walk.skip(ignored);
  std::string plain;
  return walk.object([&](std::string_view key) {
    plain.clear();
    return unescape(key, plain) && on_member(std::string_view(plain));
  });
}

}  // namespace

std::optional<ServerFacts> read_initialize_result(std::string_view result_json) {
  std::string padded;
  padded.reserve(result_json.size() + kPadding);
  padded.assign(result_json).append(kPadding, ' ');
  const std::string_view text(padded.data(), result_json.size());
  JsonIndex index;
  if (index.build(text)) return std::nullopt;
  JsonWalk walk(text, index);
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
      if (capability != "resources") return walk.skip(raw);
      return members(walk, [&](std::string_view feature) {
        if (!walk.skip(raw)) return false;
        if (feature == "subscribe") facts.resources_subscribe = raw == "true";
        return true;
      });
    });
  });
  if (!read || !walk.done() || facts.protocol_version.empty()) return std::nullopt;
  return facts;
}

}  // namespace mcpr::mcp
