#include "host/config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mcpr::config {

namespace {

constexpr std::int64_t kLongest = std::int64_t{10} * 366 * 24 * 3600 * 1000;

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// Takes digits from the front. Nothing where there are none or too many to be meant.
std::optional<std::int64_t> take_digits(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0 || text.front() == '-') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool add(std::int64_t& total, std::int64_t count, std::int64_t unit) {
  if (count > kLongest / unit) return false;
  total += count * unit;
  return total <= kLongest;
}

std::optional<std::chrono::milliseconds> parse_iso(std::string_view text) {
  text.remove_prefix(1);  // the P
  std::int64_t total = 0;
  bool in_time = false;
  bool any = false;
  std::size_t last = 0;  // units come in this order, each once
  while (!text.empty()) {
    if (text.front() == 't') {
      if (in_time) return std::nullopt;
      in_time = true;
      any = false;
      text.remove_prefix(1);
      continue;
    }
    const auto count = take_digits(text);
    if (!count) return std::nullopt;
    std::int64_t fraction = 0;
    bool has_fraction = false;
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      has_fraction = true;
      std::int64_t scale = 100;
      std::size_t digits = 0;
      for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
        fraction += (text.front() - '0') * scale;
        scale /= 10;
      }
      if (digits == 0 || digits > 9) return std::nullopt;
    }
    if (text.empty()) return std::nullopt;
    const char unit = text.front();
    text.remove_prefix(1);
    const std::string_view order = in_time ? "hms" : "d";
    const std::size_t place = order.find(unit);
    if (place == std::string_view::npos || (any && place <= last)) return std::nullopt;
    if (has_fraction && !(in_time && unit == 's')) return std::nullopt;
    constexpr std::array<std::int64_t, 3> kTime{3'600'000, 60'000, 1'000};
    if (!add(total, *count, in_time ? kTime[place] : 86'400'000)) return std::nullopt;
    total += fraction;
    last = place;
    any = true;
  }
  if (!any) return std::nullopt;
  return std::chrono::milliseconds(total);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view given) {
  const std::string lower = lowered(given);
  std::string_view text = lower;
  if (text.empty()) return std::nullopt;
  if (text.front() == 'p') return parse_iso(text);
  struct Unit {
    std::string_view name;
    std::int64_t millis;
  };
  constexpr std::array<Unit, 5> kUnits{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  std::int64_t total = 0;
  std::size_t next_unit = 0;  // "1h30m": from the largest to the smallest, each once
  bool first = true;
  while (!text.empty()) {
    const auto count = take_digits(text);
    if (!count) return std::nullopt;
    const std::size_t length = std::min(text.find_first_not_of("dhms"), text.size());
    const std::string_view name = text.substr(0, length);
    if (name.empty()) {
      if (!first || !text.empty()) return std::nullopt;
      if (!add(total, *count, 1)) return std::nullopt;
      return std::chrono::milliseconds(total);
    }
    std::size_t unit = next_unit;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (unit == kUnits.size() || !add(total, *count, kUnits[unit].millis)) return std::nullopt;
    next_unit = unit + 1;
    text.remove_prefix(length);
    first = false;
  }
  return std::chrono::milliseconds(total);
}

std::optional<std::uint64_t> parse_size(std::string_view given) {
  const std::string lower = lowered(given);
  std::string_view text = lower;
  if (text.empty()) return std::nullopt;
  const auto count = take_digits(text);
  if (!count) return std::nullopt;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::uint64_t unit = 0;
  if (text.empty() || text == "b") unit = 1;
  if (text == "k" || text == "kb" || text == "kib") unit = 1024;
  if (text == "m" || text == "mb" || text == "mib") unit = 1024 * 1024;
  if (text == "g" || text == "gb" || text == "gib") unit = 1024 * 1024 * 1024;
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 50;
  if (unit == 0 || static_cast<std::uint64_t>(*count) > kLargest / unit) return std::nullopt;
  return static_cast<std::uint64_t>(*count) * unit;
}

std::optional<bool> parse_boolean(std::string_view given) {
  const std::string text = lowered(given);
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string to_text(std::chrono::milliseconds duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  if (rest % 1000 != 0) return std::to_string(rest) + "ms";
  std::string out;
  constexpr std::array<std::pair<std::int64_t, char>, 4> kUnits{
      {{86'400'000, 'd'}, {3'600'000, 'h'}, {60'000, 'm'}, {1'000, 's'}}};
  for (const auto& [millis, name] : kUnits) {
    if (rest / millis == 0) continue;
    out += std::to_string(rest / millis) + name;
    rest %= millis;
  }
  return out;
}

}  // namespace mcpr::config
