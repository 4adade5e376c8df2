#include "host/catalog/names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mcpr::catalog {
namespace {

constexpr std::size_t kMaxBytes = 200;
constexpr std::array<std::string_view, 4> kRoutes{"message", "router", "health", "monitor"};

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The next code point and its length; length 0 where the bytes are not UTF-8 (overlong forms and surrogates included).
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};

CodePoint next_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  std::uint32_t least = 0;
  if (first >= 0xc2 && first < 0xe0) length = 2, least = 0x80;
  if (first >= 0xe0 && first < 0xf0) length = 3, least = 0x800;
  if (first >= 0xf0 && first < 0xf5) length = 4, least = 0x10000;
  if (length == 0 || text.size() < length) return {};
  std::uint32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, length};
}

std::string refuse_text(std::string_view text) {
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = next_code_point(rest);
    if (point.length == 0) return "the name is not valid UTF-8";
    if (point.value < 0x20 || (point.value >= 0x7f && point.value < 0xa0)) return "the name holds a control character";
    rest.remove_prefix(point.length);
  }
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::string_view part = text.substr(start, end - start);
    if (part.empty()) return "the name has an empty part before or after a '/'";
    if (part == "." || part == "..")
      return "the name (or a part of it) is '" + std::string(part) + "', which paths lose";
    if (std::find(kRoutes.begin(), kRoutes.end(), part) != kRoutes.end()) {
      return "'" + std::string(part) + "' is a route of the router itself";
    }
    start = end + 1;
  }
  return {};
}

}  // namespace

std::string refuse_name(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name.size() > kMaxBytes) {
    return "the name has " + std::to_string(name.size()) + " bytes, more than " + std::to_string(kMaxBytes);
  }
  if (std::string reason = refuse_text(name); !reason.empty()) return reason;
  if (const std::string key = name_key(name); key != name) {
    if (std::string reason = refuse_text(key); !reason.empty()) return reason + " (once percent-decoded)";
  }
  return {};
}

std::string name_key(std::string_view name) {
  std::string key(name);
  // Each round that changes anything makes it shorter, so this ends.
  for (std::string next = percent_decode(key); next != key; next = percent_decode(key)) key = std::move(next);
  return key;
}

}  // namespace mcpr::catalog
