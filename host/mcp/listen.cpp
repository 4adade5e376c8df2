#include "host/mcp/listen.hpp"

#include <array>

#include "host/mcp/set_true.hpp"

namespace mcpr::mcp {
namespace {

constexpr std::string_view kMeta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":)";
constexpr std::string_view kAcknowledged = "notifications/subscriptions/acknowledged";

struct Facts {
  bool acknowledgement = false, agrees = false;
  bool result = false, error = false, unknown_method = false;
};

bool says_no(std::string_view raw) {
  if (raw.starts_with('[')) return raw.find_first_not_of(" \t\r\n", 1) == raw.size() - 1;
  return raw == "false" || raw == "null";
}

bool read(JsonWalk& walk, Facts& facts) {
  std::string_view raw;
  std::string method;
  return members(walk, [&](std::string_view key) {
    if (key == "method" && walk.peek() == '"') {
      if (!walk.string(raw)) return false;
      method.clear();
      facts.acknowledgement = unescape(raw, method) && method == kAcknowledged;
      return true;
    }
    if (key == "params") {
      return members(walk, [&](std::string_view part) {
        if (part != "notifications") return walk.skip(raw);
        return members(walk, [&](std::string_view) {
          if (!walk.skip(raw)) return false;
          facts.agrees = facts.agrees || !says_no(raw);
          return true;
        });
      });
    }
    facts.result = facts.result || key == "result";
    facts.error = facts.error || key == "error";
    if (key != "error") return walk.skip(raw);
    return members(walk, [&](std::string_view part) {
      if (!walk.skip(raw)) return false;
      if (part == "code") facts.unknown_method = raw == "-32601";
      return true;
    });
  });
}

std::string tagged(std::string_view before, std::string_view id, std::string_view after) {
  return std::string(before).append(kMeta).append(id).append(after);
}

}  // namespace

bool asks_for_tools(std::string_view params_json) {
  const JsonText parsed(params_json);
  if (parsed.error()) return false;
  JsonWalk walk = parsed.walk();
  std::string_view raw;
  bool asks = false;
  const bool fine = members(walk, [&](std::string_view key) {
    if (key != "notifications") return walk.skip(raw);
    return members(walk, [&](std::string_view part) {
      if (!walk.skip(raw)) return false;
      if (part == "toolsListChanged") asks = raw == "true";
      return true;
    });
  });
  return fine && asks;
}

std::string listen_acknowledged(std::string_view id) {
  return tagged(R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)", id,
                R"(},"notifications":{"toolsListChanged":true}}})");
}

std::string listen_tools_changed(std::string_view id) {
  return tagged(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{)", id, "}}}");
}

std::string listen_complete(std::string_view id) {
  return tagged(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":{"resultType":"complete",)", id, "}}}");
}

Verdict ListenAnswer::edit(std::string_view json, std::string& out) {
  static constexpr std::array<std::string_view, 3> kPath{"params", "notifications", "toolsListChanged"};
  out.clear();
  const JsonText parsed(json);
  Facts facts;
  if (parsed.error()) return Verdict::pass;
  JsonWalk walk = parsed.walk();
  if (!read(walk, facts) || !walk.done()) return Verdict::pass;
  if (facts.result || facts.error) {
    if (!agreed_ && (facts.result || facts.unknown_method)) return Verdict::drop;
    answered_ = true;
    return Verdict::pass;
  }
  if (!facts.acknowledgement) return Verdict::pass;
  acknowledged_ = true;
  agreed_ = agreed_ || facts.agrees;
  std::vector<Edit> edits;
  JsonWalk again = parsed.walk();
  if (!set_true(again, parsed.text(), kPath, edits) || edits.empty()) return Verdict::pass;
  out = mcp::apply(parsed.text(), edits);
  return Verdict::changed;
}

}  // namespace mcpr::mcp
