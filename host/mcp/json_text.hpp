// A JSON text taken apart for an editing stage: the index over it and a walk, with the room behind it that they need.
#pragma once

#include <string>
#include <string_view>

#include "host/mcp/json_walk.hpp"

namespace mcpr::mcp {

class JsonText {
 public:
  // Copies the text. error() says what is wrong with it.
  explicit JsonText(std::string_view json);

  const char* error() const { return error_; }
  std::string_view text() const { return {copy_.data(), size_}; }
  JsonWalk walk() const { return {text(), index_}; }  // not where error() is set

 private:
  std::string copy_;
  std::size_t size_;
  JsonIndex index_;
  const char* error_;
};

// Members of the object that the walk stands at: on_member(unescaped key) as in JsonWalk::object. Anything but an
// object is skipped.
template <class OnMember>
bool members(JsonWalk& walk, OnMember on_member) {
  std::string_view ignored;
  if (walk.peek() != '{') return walk.skip(ignored);
  std::string plain;
  return walk.object([&](std::string_view key) {
    if (key.find('\\') == std::string_view::npos) return on_member(key);
    plain.clear();
    return unescape(key, plain) ? on_member(std::string_view(plain)) : walk.fail("a key holds a lone surrogate");
  });
}

// on_message() at each message of the text, which is one or a batch of them.
template <class OnMessage>
bool each_message(JsonWalk& walk, OnMessage on_message) {
  const bool fine = walk.peek() == '[' ? walk.array(on_message) : on_message();
  return fine && (walk.done() || walk.fail("nothing may follow the message"));
}

}  // namespace mcpr::mcp
