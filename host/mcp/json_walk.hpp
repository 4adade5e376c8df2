// A forward walk over the structural characters of a JSON text. simdjson finds them (and refuses bad UTF-8, control
// characters in strings and open strings); this walk checks the grammar between them. Whatever is walked over, read or
// skipped, is therefore checked in full JSON grammar, with these exceptions: a lone surrogate (\ud800) is only refused
// in strings that are unescaped, numbers are checked in form and not in range, and keys may repeat.
//
// simdjson's own On-Demand interface is not used: it skips by counting brackets, so `[1 2}` would pass, and it is
// compiled for the lowest CPU, while the index is built by the implementation chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace mcpr::mcp {

inline constexpr std::size_t kMaxJsonDepth = 256;

class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  // nullptr, or what is wrong with the text. 64 bytes behind the text must be readable.
  const char* build(std::string_view text);
  const std::uint32_t* positions() const;
  std::size_t count() const;

 private:
  const char* reserve(std::size_t bytes);
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
};

// Writes the text of a JSON string (given without its quotes) behind `out`. False: a bad escape or a lone surrogate.
bool unescape(std::string_view inner, std::string& out);

class JsonWalk {
 public:
  JsonWalk(std::string_view text, const JsonIndex& index);

  bool done() const { return i_ >= count_; }
  char peek() const { return i_ < count_ ? text_[at_[i_]] : '\0'; }
  std::size_t offset() const { return i_ < count_ ? at_[i_] : size_; }
  std::string_view slice(std::size_t from) const {
    return {text_ + from, at_[i_ - 1] + 1 - from};
  }  // to the last bracket

  bool skip(std::string_view& raw);      // one value of any kind
  bool string(std::string_view& inner);  // a string; `inner` is what stands between the quotes, not unescaped

  // At '{': on_member(key as written) for each member; it consumes the value and returns false to give up.
  template <class OnMember>
  bool object(OnMember on_member) {
    ++i_;
    if (peek() == '}') return ++i_, true;
    for (std::string_view key;;) {
      if (!string(key)) return false;
      if (peek() != ':') return fail("':' expected");
      ++i_;
      if (!on_member(key)) return false;
      const char c = peek();
      if (c != ',' && c != '}') return fail("',' or '}' expected");
      ++i_;
      if (c == '}') return true;
    }
  }

  // At '[': on_element() for each element, as above.
  template <class OnElement>
  bool array(OnElement on_element) {
    ++i_;
    if (peek() == ']') return ++i_, true;
    for (;;) {
      if (!on_element()) return false;
      const char c = peek();
      if (c != ',' && c != ']') return fail("',' or ']' expected");
      ++i_;
      if (c == ']') return true;
    }
  }

  bool fail(const char* what) {
    if (!error_) error_ = what, error_at_ = offset();
    return false;
  }
  const char* error() const { return error_; }
  std::size_t error_at() const { return error_at_; }
  bool has_escapes() const { return escapes_; }  // false: no backslash anywhere in the text

 private:
  bool scalar(std::string_view& raw);
  std::size_t token_end() const;

  const char* text_;
  std::size_t size_;
  const std::uint32_t* at_;
  std::size_t count_;
  std::size_t i_ = 0;
  bool escapes_;
  const char* error_ = nullptr;
  std::size_t error_at_ = 0;
};

}  // namespace mcpr::mcp
