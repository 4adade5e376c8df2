#include "host/mcp/media.hpp"

#include <algorithm>

#include "host/mcp/headers.hpp"

namespace mcpr::mcp {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

// Takes what stands before the next separator that is not in a quoted string, and the separator.
std::string_view take(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size() && (quoted || rest[i] != separator); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    if (quoted && rest[i] == '\\') ++i;
  }
  i = std::min(i, rest.size());
  const std::string_view taken = strip_ows(rest.substr(0, i));
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return taken;
}

// The value of a parameter, without quotes; empty when it is not there. The first of that name counts.
std::string_view parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    std::string_view value = take(parameters, ';');
    const std::string_view key = take(value, '=');
    if (!same(key, name)) continue;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

bool weighs_nothing(std::string_view q) {
  return q.starts_with('0') && q.find_first_not_of('0', std::min<std::size_t>(2, q.size())) == std::string_view::npos &&
         (q.size() == 1 || q[1] == '.');
}

// What the ranges seen so far say about one media type.
struct Verdict {
  std::string_view type, any_subtype;
  int specificity = 0;
  bool accepted = false;

  void see(std::string_view range, bool wanted) {
    const int s = same(range, type) ? 3 : same(range, any_subtype) ? 2 : range == "*/*" ? 1 : 0;
    if (s == 0 || s < specificity) return;
    accepted = wanted || (s == specificity && accepted);
    specificity = s;
  }
};

}  // namespace

Acceptable accepts(std::string_view accept_header_value) {
  std::string_view rest = strip_ows(accept_header_value);
  if (rest.empty()) return {true, true};
  Verdict json{"application/json", "application/*"}, sse{"text/event-stream", "text/*"};
  while (!rest.empty()) {
    std::string_view parameters = take(rest, ',');
    const std::string_view range = take(parameters, ';');
    const bool wanted = !weighs_nothing(parameter(parameters, "q"));
    json.see(range, wanted);
    sse.see(range, wanted);
  }
  return {json.accepted, sse.accepted};
}

bool is_json(std::string_view content_type) {
  if (!same(take(content_type, ';'), "application/json")) return false;
  const std::string_view charset = parameter(content_type, "charset");
  return charset.empty() || same(charset, "utf-8");
}

bool is_event_stream(std::string_view content_type) { return same(take(content_type, ';'), "text/event-stream"); }

}  // namespace mcpr::mcp
