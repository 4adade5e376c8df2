#include "host/mcp/headers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mcpr::mcp {
namespace {

constexpr std::string_view kOpening = "=?base64?";
constexpr std::string_view kClosing = "?=";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

bool is_encoded(std::string_view value) {
  return value.size() >= kOpening.size() + kClosing.size() && value.starts_with(kOpening) && value.ends_with(kClosing);
}

std::optional<std::string> decode_base64(std::string_view in) {
  if (in.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = in.ends_with("==") ? 2 : in.ends_with('=') ? 1 : 0;
  in.remove_suffix(padding);
  std::string out;
  out.reserve(in.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : in) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 0xff);
    }
  }
  // What is left over must be zero, or one text could be written in several ways.
  if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;
  return out;
}

std::string encode_base64(std::string_view in) {
  std::string out;
  out.reserve((in.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, in.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = (bits << 8) | (k < n ? static_cast<unsigned char>(in[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kAlphabet[(bits >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

constexpr bool is_ows(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string_view strip_ows(std::string_view value) {
  while (!value.empty() && is_ows(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_ows(value.back())) value.remove_suffix(1);
  return value;
}

std::optional<std::string> decode_header(std::string_view value) {
  value = strip_ows(value);
  if (!is_encoded(value)) return std::string(value);
  return decode_base64(value.substr(kOpening.size(), value.size() - kOpening.size() - kClosing.size()));
}

std::string encode_header(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (plain && strip_ows(text).size() == text.size() && !is_encoded(text)) return std::string(text);
  return std::string(kOpening).append(encode_base64(text)).append(kClosing);
}

bool header_matches(std::string_view header, std::string_view body_value) {
  header = strip_ows(header);
  if (!is_encoded(header)) return header == body_value;
  const auto decoded = decode_header(header);
  return decoded && *decoded == body_value;
}

bool valid_session_id(std::string_view id) {
  return !id.empty() && id.size() <= 256 && std::ranges::all_of(id, [](char c) { return c >= 0x21 && c <= 0x7e; });
}

bool valid_field_value(std::string_view value) {
  if (strip_ows(value).size() != value.size()) return false;
  return std::ranges::all_of(value, [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

}  // namespace mcpr::mcp
