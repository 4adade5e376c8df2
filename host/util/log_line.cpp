// How a message becomes a line.
#include <array>
#include <cstdint>

#include "host/util/log.hpp"

namespace mcpr::log {

namespace {

constexpr std::size_t kLongest = std::size_t{16} << 10;  // of a message; what is longer is cut
constexpr std::string_view kHex = "0123456789abcdef";

// Length of the UTF-8 sequence that starts `text`; 0: none does.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// What a terminal could obey and what ends a line.
bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  return first < 0x20 || first == 0x7f || (first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0);
}

std::string_view shortened(std::string_view text) {
  if (text.size() <= kLongest) return text;
  text = text.substr(0, kLongest);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U) text.remove_suffix(1);
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0U) text.remove_suffix(1);
  return text;
}

template <class Escape>
void append_escaped(std::string& out, std::string_view text, const Escape& escape) {
  const std::size_t whole = text.size();
  text = shortened(text);
  const std::size_t cut = whole - text.size();
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    escape(out, sequence, length != 0);
    text.remove_prefix(sequence.size());
  }
  if (cut > 0) out += "... (" + std::to_string(cut) + " more bytes)";
}

void append_byte(std::string& out, std::string_view start, unsigned char byte) {
  out += start;
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

void plain(std::string& out, std::string_view sequence, bool valid) {
  if (sequence == "\n") {
    out += "\\n";
  } else if (sequence == "\t") {
    out += "\\t";
  } else if (!valid || is_control(sequence)) {
    for (const char c : sequence) append_byte(out, "\\x", static_cast<unsigned char>(c));
  } else {
    out += sequence;
  }
}

void json(std::string& out, std::string_view sequence, bool valid) {
  if (!valid) {
    out += "\\ufffd";
  } else if (sequence == "\"" || sequence == "\\") {
    out += '\\';
    out += sequence;
  } else if (sequence == "\n") {
    out += "\\n";
  } else if (static_cast<unsigned char>(sequence[0]) < 0x20) {
    append_byte(out, "\\u00", static_cast<unsigned char>(sequence[0]));
  } else {
    out += sequence;
  }
}

constexpr std::array<std::string_view, 6> kNames{"trace", "debug", "info", "warn", "error", "off"};

}  // namespace

std::optional<Level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::string_view level_name(Level level) { return kNames.at(static_cast<std::size_t>(level)); }

std::string text_line(std::string_view time, Level level, std::string_view component, std::string_view text) {
  constexpr std::array<std::string_view, 6> kColumns{" TRACE ", " DEBUG ", " INFO  ", " WARN  ", " ERROR ", " OFF   "};
  std::string out(time);
  out += kColumns.at(static_cast<std::size_t>(level));
  append_escaped(out, component, plain);
  out += ": ";
  append_escaped(out, text, plain);
  return out;
}

std::string json_line(std::string_view time, Level level, std::string_view component, std::string_view text) {
  std::string out = "{\"time\":\"";
  out += time;
  out += "\",\"level\":\"";
  out += level_name(level);
  out += "\",\"component\":\"";
  append_escaped(out, component, json);
  out += "\",\"message\":\"";
  append_escaped(out, text, json);
  out += "\"}";
  return out;
}

}  // namespace mcpr::log
