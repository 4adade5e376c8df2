#include "host/config/key.hpp"

#include <algorithm>
#include <charconv>

namespace mcpr::config {

namespace {

constexpr std::size_t kLongestPath = 64;  // trees are walked by recursion

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  if (text.empty() || text.size() > 4) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string uniform(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (const char c : name) {
    if (c != '-' && c != '_') out += lower(c);
  }
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto skip = [](std::string_view& text) {
    while (!text.empty() && (text.front() == '-' || text.front() == '_')) text.remove_prefix(1);
  };
  for (;;) {
    skip(a);
    skip(b);
    if (a.empty() || b.empty()) return a.empty() && b.empty();
    if (lower(a.front()) != lower(b.front())) return false;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
}

std::optional<Path> parse_key(std::string_view key) {
  Path path;
  std::size_t at = 0;
  bool want_name = true;  // at the start and after a dot
  while (at < key.size()) {
    if (path.size() >= kLongestPath) return std::nullopt;
    if (key[at] == '[') {
      const std::size_t close = key.find(']', at);
      if (close == std::string_view::npos) return std::nullopt;
      const std::string_view inside = key.substr(at + 1, close - at - 1);
      const bool digits = !inside.empty() && inside.find_first_not_of("0123456789") == std::string_view::npos;
      if (inside.empty()) return std::nullopt;
      if (digits && !want_name) {
        const auto index = number(inside);
        if (!index) return std::nullopt;
        path.push_back({{}, index});
      } else {
        path.push_back({std::string(inside), std::nullopt});
      }
      at = close + 1;
      want_name = false;
      if (at < key.size() && key[at] != '.' && key[at] != '[') return std::nullopt;
    } else if (key[at] == '.') {
      if (want_name) return std::nullopt;
      want_name = true;
      ++at;
    } else {
      if (!want_name) return std::nullopt;
      const std::size_t end = std::min(key.find_first_of(".[", at), key.size());
      const std::string_view name = key.substr(at, end - at);
      if (name.find(']') != std::string_view::npos) return std::nullopt;
      path.push_back({std::string(name), std::nullopt});
      at = end;
      want_name = false;
    }
  }
  if (want_name) return std::nullopt;
  return path;
}

std::string to_text(std::span<const Segment> path) {
  std::string out;
  for (const Segment& segment : path) {
    if (segment.index) {
      out += "[" + std::to_string(*segment.index) + "]";
    } else if (segment.name.find_first_of(".[]") != std::string::npos) {
      out += "[" + segment.name + "]";
    } else {
      if (!out.empty()) out += ".";
      out += segment.name;
    }
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 128;  // the cost is quadratic, and no key is longer
  const std::string wanted = uniform(name.substr(0, kLongest));
  const std::size_t limit = std::max<std::size_t>(2, wanted.size() / 4);
  std::optional<std::string> best;
  std::size_t best_distance = limit + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, uniform(candidate));
    if (distance < best_distance && distance < std::max<std::size_t>(wanted.size(), 2)) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace mcpr::config
