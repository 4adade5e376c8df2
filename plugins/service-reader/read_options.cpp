#include "read_options.hpp"

#include <boost/json.hpp>
#include <mcpr/text.hpp>
#include <mcpr/url.hpp>
#include <set>

namespace mcpr::reader {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kTimeoutKeys{"connect", "response", "idle", "tools"};

json::object read_headers(Fields& fields, const Node& node) {
  json::object headers;
  KeyValues pairs;
  if (!fields.pairs(node, "headers", pairs)) return headers;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& [name, value] = pairs[i];
    const Place place = node.members[i].place;
    std::string error, lower;
    for (char c : name) lower += url::detail::lower(c);
    if (!text::check_header(name, value, error)) {
      fields.fail(place, "headers: " + error);
    } else if (!seen.insert(lower).second) {
      fields.fail(place, "headers: '" + name + "' is given twice");
    } else {
      headers.emplace(name, value);
    }
  }
  return headers;
}

json::object read_timeouts(Fields& fields, const Node& node) {
  json::object timeouts;
  for (const auto& [key, member] : fields.keys(node, "timeouts", kTimeoutKeys)) {
    std::uint64_t ms = 0;
    if (key != "tools") {
      if (fields.duration_ms(member->value, "timeouts." + key, ms)) timeouts.emplace(key, ms);
      continue;
    }
    if (!member->value.is_map()) {
      fields.fail(member->value.place, "timeouts.tools: must be a map of times by tool name");
      continue;
    }
    json::object tools;
    for (const Member& tool : member->value.members) {
      if (fields.duration_ms(tool.value, "timeouts.tools." + tool.key, ms)) tools.emplace(tool.key, ms);
    }
    timeouts.emplace(key, std::move(tools));
  }
  return timeouts;
}

}  // namespace

std::string read_options(Fields& fields, const Fields::Keys& keys) {
  json::object options;
  const auto node = [&](std::string_view key) -> const Node* {
    const auto at = keys.find(std::string(key));
    return at == keys.end() ? nullptr : &at->second->value;
  };
  if (const Node* headers = node("headers")) options.emplace("headers", read_headers(fields, *headers));
  if (const Node* timeouts = node("timeouts")) options.emplace("timeouts", read_timeouts(fields, *timeouts));
  for (const char* key : {"forward-authorization", "forward-cookie"}) {
    bool on = false;
    if (const Node* flag = node(key); flag && fields.flag(*flag, key, on)) options.emplace(key, on);
  }
  std::string text;
  if (const Node* file = node("ca-file"); file && fields.text(*file, "ca-file", text) && !text.empty()) {
    const std::string& folder = fields.context().folder;
    options.emplace("ca-file", text.front() == '/' || folder.empty() ? text : folder + "/" + text);
  }
  if (const Node* balancer = node("load-balancer"); balancer && fields.text(*balancer, "load-balancer", text)) {
    options.emplace("load-balancer", text);
  }
  return options.empty() ? std::string() : json::serialize(options);
}

}  // namespace mcpr::reader
