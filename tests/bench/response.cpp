#include "tests/bench/response.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace mcpr::bench {
namespace {

constexpr std::size_t kMostHead = 64 * 1024;
constexpr std::size_t kMostLine = 1024;
constexpr std::size_t kKeptBody = 1 << 20;

bool is(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() && ::strncasecmp(name.data(), wanted.data(), name.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool number(std::string_view text, int base, std::size_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end != text.data();
}

}  // namespace

void ResponseReader::reset() {
  state_ = State::head;
  chunked_ = false;
  closes_ = false;
  status_ = 0;
  left_ = 0;
  line_.clear();
  if (body_.capacity() > kKeptBody) std::string().swap(body_);
  body_.clear();
  session_id_.clear();
}

bool ResponseReader::read_head(std::string_view head) {
  const std::size_t first = head.find("\r\n");
  if (!head.starts_with("HTTP/1.1 ") || first < 12) return false;
  std::size_t value = 0;
  if (!number(head.substr(9, 3), 10, value)) return false;
  status_ = static_cast<unsigned>(value);
  left_ = 0;
  bool framed = status_ == 204 || status_ == 304;
  for (head.remove_prefix(first + 2); !head.empty();) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon), text = trimmed(line.substr(colon + 1));
    if (is(name, "content-length")) {
      if (!number(text, 10, left_)) return false;
      framed = true;
    } else if (is(name, "transfer-encoding")) {
      chunked_ = is(text, "chunked");
      framed = chunked_;
    } else if (is(name, "connection")) {
      closes_ = is(text, "close");
    } else if (is(name, "mcp-session-id")) {
      session_id_ = text;
    }
  }
  return framed;
}

void ResponseReader::begin_body() {
  if (chunked_) {
    state_ = State::chunk_size;
  } else {
    body_.reserve(left_);
    state_ = left_ == 0 ? State::done : State::length;
  }
}

// The line of a chunk's size, the line end behind its data, or a line of the trailer.
std::size_t ResponseReader::feed_chunk_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t used = end == std::string_view::npos ? bytes.size() : end + 1;
  line_.append(bytes.substr(0, used));
  if (end == std::string_view::npos) {
    if (line_.size() > kMostLine) state_ = State::failed;
    return used;
  }
  if (state_ == State::chunk_end) {
    state_ = line_ == "\r\n" ? State::chunk_size : State::failed;
  } else if (state_ == State::trailer) {
    if (line_ == "\r\n") state_ = State::done;
  } else if (!number(line_, 16, left_)) {
    state_ = State::failed;
  } else {
    state_ = left_ == 0 ? State::trailer : State::chunk_data;
  }
  line_.clear();
  return used;
}

std::size_t ResponseReader::feed(std::string_view bytes) {
  const std::size_t whole = bytes.size();
  while (!bytes.empty() && state_ != State::done && state_ != State::failed) {
    switch (state_) {
      case State::head: {
        const std::size_t before = line_.size();
        std::string_view head;
        if (before == 0) {
          head = bytes;
        } else {
          line_.append(bytes);
          head = line_;
        }
        const std::size_t end = head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
        if (end == std::string_view::npos) {
          if (before == 0) line_ = bytes;
          if (line_.size() > kMostHead) state_ = State::failed;
          return whole;
        }
        if (!read_head(head.substr(0, end + 2))) {
          state_ = State::failed;
          return whole;
        }
        bytes.remove_prefix(end + 4 - before);
        line_.clear();
        begin_body();
        break;
      }
      case State::length:
      case State::chunk_data: {
        const std::size_t take = std::min(left_, bytes.size());
        body_.append(bytes.substr(0, take));
        bytes.remove_prefix(take);
        left_ -= take;
        if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
        break;
      }
      default: bytes.remove_prefix(feed_chunk_line(bytes));
    }
  }
  return whole - bytes.size();
}

}  // namespace mcpr::bench
