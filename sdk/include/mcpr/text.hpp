// Small readers of configuration text that the router and plugins share, so that both accept and refuse the same:
// times, header names and values, and the nearest known name for an unknown one. Pure functions.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::text {

// "500ms", "5s", "1.5s", "10m", "1h30m" or a bare number of milliseconds. At most a day; zero is not a time to wait.
inline bool parse_duration_ms(std::string_view text, std::uint64_t& out, std::string& error) {
  constexpr double kDay = 86'400'000;
  const std::string quoted = "'" + std::string(text) + "'";
  double total = 0;
  bool bare = false;
  for (std::string_view rest = text; !rest.empty() || text.empty();) {
    double value = 0;
    const char* const end = rest.data() + rest.size();
    const auto [stop, failed] = std::from_chars(rest.data(), end, value, std::chars_format::fixed);
    rest = failed == std::errc{} ? std::string_view(stop, static_cast<std::size_t>(end - stop)) : "?";
    const std::size_t unit_end = std::min(rest.find_first_of("0123456789."), rest.size());
    const std::string_view unit = rest.substr(0, unit_end);
    rest.remove_prefix(unit_end);
    double factor = 0;
    if (unit.empty() && total == 0 && !bare) factor = 1;
    if (unit == "ms") factor = 1;
    if (unit == "s") factor = 1'000;
    if (unit == "m" || unit == "min") factor = 60'000;
    if (unit == "h") factor = 3'600'000;
    bare = unit.empty();
    if (factor == 0 || (bare && !rest.empty())) {
      error = quoted + " is not a time (500ms, 5s, 10m, 1h30m, or a number of milliseconds)";
      return false;
    }
    if (!(value >= 0)) total = kDay * 2;
    total += value * factor;
  }
  if (!(total >= 1) || total > kDay) {
    error = quoted + " is not between 1ms and 24h";
    return false;
  }
  out = static_cast<std::uint64_t>(total + 0.5);
  return true;
}

inline bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Whether a configured header may be added to requests. Those that frame the message or that the protocol owns may not.
inline bool check_header(std::string_view name, std::string_view value, std::string& error) {
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_char)) {
    error = "'" + std::string(name) + "' is not a header name";
    return false;
  }
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (std::string_view own : {"accept", "connection", "content-encoding", "content-length", "content-type", "expect",
                               "host", "keep-alive", "last-event-id", "mcp-method", "mcp-name", "mcp-protocol-version",
                               "mcp-session-id", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}) {
    if (lower == own) {
      error = "header '" + std::string(name) + "' is set by the router itself";
      return false;
    }
  }
  for (char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      error = "the value of header '" + std::string(name) + "' holds a control character";
      return false;
    }
  }
  return true;
}

// The number of single-character changes (insert, delete, replace, swap of neighbours) between two words.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = last;
    std::swap(last, now);
  }
  return last[b.size()];
}

// The known name that an unknown one was probably meant to be; empty where none is near.
inline std::string_view nearest(std::string_view unknown, std::span<const std::string_view> known) {
  if (unknown.size() > 64) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, unknown.size() / 3) + 1;
  for (std::string_view name : known) {
    const std::size_t distance = edit_distance(unknown, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

// "unknown key 'tag' (did you mean 'tags'?)", or with all the known names where none is near.
inline std::string unknown_key(std::string_view key, std::span<const std::string_view> known) {
  std::string text = "unknown key '" + std::string(key) + "' (";
  if (const std::string_view near = nearest(key, known); !near.empty()) {
    return text + "did you mean '" + std::string(near) + "'?)";
  }
  text += "known: ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + std::string(known[i]);
  return text + ")";
}

}  // namespace mcpr::text
