#include "host/mcp/json_walk.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace mcpr::mcp {
namespace {

// The index takes four bytes for each byte of text: what one huge message needed is given back at the next usual one.
constexpr std::size_t kKeptCapacity = 1 << 20;
constexpr std::size_t kFirstCapacity = 16 << 10;

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view s) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < s.size() && is_digit(s[i])) ++i;
    return i - from;
  };
  if (i < s.size() && s[i] == '-') ++i;
  if (i < s.size() && s[i] == '0') {
    ++i;
  } else if (!digits()) {
    return false;
  }
  if (i < s.size() && s[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == s.size();
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int hex4(std::string_view s, std::size_t from) {  // -1: not four hexadecimal digits
  if (s.size() - from < 4) return -1;
  int value = 0;
  for (std::size_t i = from; i < from + 4; ++i) {
    const int digit = hex_digit(s[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// What a one-letter escape stands for; 0: no such escape.
constexpr char plain_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

bool escapes_well_formed(std::string_view inner) {
  for (std::size_t i = inner.find('\\'); i != std::string_view::npos; i = inner.find('\\', i)) {
    if (i + 1 >= inner.size()) return false;
    if (inner[i + 1] == 'u') {
      if (hex4(inner, i + 2) < 0) return false;
      i += 6;
    } else {
      if (!plain_escape(inner[i + 1])) return false;
      i += 2;
    }
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    tail(12), tail(6), tail(0);
  }
}

const char* describe(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR: return "the text is not valid UTF-8";
    case simdjson::UNCLOSED_STRING: return "a string is not closed";
    case simdjson::UNESCAPED_CHARS: return "a string holds an unescaped control character";
    case simdjson::EMPTY: return "the text is empty";
    case simdjson::CAPACITY: return "the text is too long";
    case simdjson::MEMALLOC: return "out of memory";
    default: return "the text is not JSON";
  }
}

}  // namespace

JsonIndex::JsonIndex() { reserve(kFirstCapacity); }
JsonIndex::~JsonIndex() = default;

const std::uint32_t* JsonIndex::positions() const { return parser_->structural_indexes.get(); }
std::size_t JsonIndex::count() const { return parser_->n_structural_indexes; }

const char* JsonIndex::reserve(std::size_t bytes) {
  if (bytes > 0xffffff00u) return describe(simdjson::CAPACITY);
  capacity_ = 0;
  parser_.reset();
  if (const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(bytes, 1, parser_)) {
    parser_.reset();
    return describe(error);
  }
  capacity_ = bytes;
  return nullptr;
}

const char* JsonIndex::build(std::string_view text) {
  if (text.empty()) return describe(simdjson::EMPTY);
  const bool oversized = capacity_ > kKeptCapacity && text.size() <= kKeptCapacity;
  if (text.size() > capacity_ || oversized) {
    const std::size_t room = text.size() <= kFirstCapacity ? kFirstCapacity : text.size() + text.size() / 2;
    if (const char* error = reserve(room)) return error;
  }
  const auto error =
      parser_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), simdjson::stage1_mode::regular);
  return error ? describe(error) : nullptr;
}

bool unescape(std::string_view inner, std::string& out) {
  for (std::size_t i = 0; i < inner.size();) {
    const std::size_t backslash = std::min(inner.find('\\', i), inner.size());
    out.append(inner, i, backslash - i);
    if (backslash == inner.size()) return true;
    i = backslash + 1;
    if (i == inner.size()) return false;
    if (inner[i] != 'u') {
      const char c = plain_escape(inner[i++]);
      if (!c) return false;
      out += c;
      continue;
    }
    const int first = hex4(inner, i + 1);
    if (first < 0) return false;
    i += 5;
    std::uint32_t code = static_cast<std::uint32_t>(first);
    if (code >= 0xdc00 && code < 0xe000) return false;
    if (code >= 0xd800 && code < 0xdc00) {
      if (inner.size() - i < 6 || inner[i] != '\\' || inner[i + 1] != 'u') return false;
      const int second = hex4(inner, i + 2);
      if (second < 0xdc00 || second >= 0xe000) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + static_cast<std::uint32_t>(second - 0xdc00);
      i += 6;
    }
    append_utf8(out, code);
  }
  return true;
}

JsonWalk::JsonWalk(std::string_view text, const JsonIndex& index)
    : text_(text.data()),
      size_(text.size()),
      at_(index.positions()),
      count_(index.count()),
      escapes_(std::memchr(text.data(), '\\', text.size()) != nullptr) {}

// Between a token and the next structural character stands white space at most: anything else would be structural.
std::size_t JsonWalk::token_end() const {
  std::size_t end = i_ + 1 < count_ ? at_[i_ + 1] : size_;
  while (is_space(text_[end - 1])) --end;
  return end;
}

bool JsonWalk::string(std::string_view& inner) {
  if (peek() != '"') return fail("'\"' expected");
  const std::size_t begin = at_[i_] + 1;
  inner = {text_ + begin, token_end() - 1 - begin};
  if (escapes_ && !escapes_well_formed(inner)) return fail("a string holds a bad escape");
  ++i_;
  return true;
}

bool JsonWalk::scalar(std::string_view& raw) {
  const char c = peek();
  if (c == '"') {
    std::string_view inner;
    if (!string(inner)) return false;
    raw = {inner.data() - 1, inner.size() + 2};
    return true;
  }
  if (done()) return fail("the text ends where a value is expected");
  raw = {text_ + at_[i_], token_end() - at_[i_]};
  const bool fine = c == 't' ? raw == "true" : c == 'f' ? raw == "false" : c == 'n' ? raw == "null" : is_number(raw);
  if (!fine) return fail("a value expected");
  ++i_;
  return true;
}

bool JsonWalk::skip(std::string_view& raw) {
  if (peek() != '{' && peek() != '[') return scalar(raw);
  const std::size_t from = offset();
  std::array<char, kMaxJsonDepth> closing;  // the bracket that closes each open container
  std::size_t depth = 0;
  std::string_view ignored;
  const auto key = [&] {
    if (!string(ignored)) return false;
    if (peek() != ':') return fail("':' expected");
    ++i_;
    return true;
  };
  for (;;) {
    const char c = peek();
    bool complete = true;  // a whole value has just been passed
    if (c == '{' || c == '[') {
      if (depth == kMaxJsonDepth) return fail("values are nested too deeply");
      closing[depth++] = c == '{' ? '}' : ']';
      ++i_;
      if (peek() == closing[depth - 1]) {
        ++i_;
        --depth;
      } else {
        complete = false;
        if (c == '{' && !key()) return false;
      }
    } else if (!scalar(ignored)) {
      return false;
    }
    while (complete && depth > 0) {
      const char next = peek();
      if (next == ',') {
        ++i_;
        if (closing[depth - 1] == '}' && !key()) return false;
        complete = false;
      } else if (next == closing[depth - 1]) {
        ++i_;
        --depth;
      } else {
        return fail(closing[depth - 1] == '}' ? "',' or '}' expected" : "',' or ']' expected");
      }
    }
    if (complete) {
      raw = slice(from);
      return true;
    }
  }
}

}  // namespace mcpr::mcp
