#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "host/net/http_server.hpp"

namespace mcpr::net {

namespace {

constexpr unsigned kLingerSeconds = 2;
constexpr std::size_t kPaddingBehindBody = 128;

std::string_view hex(std::uint64_t value, std::array<char, 20>& buffer) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + 16, value, 16).ptr;
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

std::string_view length_line(std::uint64_t length, std::array<char, 48>& buffer) {
  constexpr std::string_view name = "Content-Length: ";
  char* at = std::copy(name.begin(), name.end(), buffer.data());
  at = std::to_chars(at, buffer.data() + 40, length).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return {buffer.data(), static_cast<std::size_t>(at - buffer.data())};
}

}  // namespace

HttpConnection::HttpConnection(HttpServer& server, int fd, const Address& peer)
    : server_(server), stream_(server.loop(), *this), peer_(peer), since_(server.now_) {
  next_ = server.first_;
  link_ = &server.first_;
  if (next_) next_->link_ = &next_;
  server.first_ = this;
  ++server.count_;
  stream_.adopt(fd);
}

HttpConnection::~HttpConnection() {
  *link_ = next_;
  if (next_) next_->link_ = link_;
  --server_.count_;
  if (parser_) server_.give_parser(std::move(parser_));
  if (gone_) *gone_ = true;
}

void HttpConnection::destroy() { delete this; }

Loop& HttpConnection::loop() const { return server_.loop(); }

void HttpConnection::on_data(char* data, std::size_t size) {
  switch (phase_) {
    case Phase::lingering: return;
    case Phase::handling:
    case Phase::streaming:
      // A pipelined request waits; a client that goes on sending is not read any further.
      carry_.append(data, size);
      if (carry_.size() > server_.options().limits.head) {
        paused_ = true;
        stream_.pause_reading();
      }
      return;
    case Phase::idle:
    case Phase::reading: break;
  }
  if (carry_.empty()) return consume({data, size});
  carry_.append(data, size);
  std::string bytes;
  bytes.swap(carry_);
  bytes.reserve(bytes.size() + kPaddingBehindBody);
  consume(bytes);
}

// Parses what is there, request after request, as long as each is answered at once.
void HttpConnection::consume(std::string_view bytes) {
  consuming_ = true;
  while (!bytes.empty() && (phase_ == Phase::idle || phase_ == Phase::reading)) {
    if (phase_ == Phase::idle) {
      phase_ = Phase::reading;
      since_ = server_.now_;
      parser_ = server_.take_parser();
    }
    const bool had_head = parser_->head_done();
    const std::size_t used = parser_->feed(bytes, *this);
    if (parser_->error() != HttpError::none) {
      const HttpError error = parser_->error();
      const std::string text = parser_->error_text();
      consuming_ = false;
      switch (error) {
        case HttpError::head_too_large: return refuse(431, "the request's header fields are too large");
        case HttpError::body_too_large: return refuse(413, "the request's body is too large");
        case HttpError::version: return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        default: return refuse(400, "not a valid HTTP request: " + text);
      }
    }
    const std::string_view rest = bytes.substr(used);
    if (!parser_->done()) {
      carry_.assign(rest);  // half a head, or half the line between two chunks
      if (parser_->head_done() && !had_head) {
        head_copy_.assign(bytes.substr(0, used));
        parser_->head().rebase(bytes.data(), head_copy_.data());
        if (!body_view_.empty()) {
          body_.reserve(parser_->content_length() + kPaddingBehindBody);
          body_.assign(body_view_);
          body_view_ = {};
        }
      }
      break;
    }
    current_ = bytes.substr(0, used);
    bool gone = false;
    gone_ = &gone;
    dispatch();
    if (gone) return;
    gone_ = nullptr;
    bytes = rest;
    if (phase_ == Phase::handling || phase_ == Phase::streaming) {
      carry_.assign(bytes);
      break;
    }
  }
  consuming_ = false;
  if (phase_ == Phase::streaming) forget_request();
}

std::string_view HttpConnection::hold_request() {
  if (head_copy_.empty()) {
    const bool body_inside = !body_view_.empty();
    head_copy_.reserve(current_.size() + kPaddingBehindBody);
    head_copy_.assign(current_);
    parser_->head().rebase(current_.data(), head_copy_.data());
    if (body_inside) body_view_ = {head_copy_.data() + (body_view_.data() - current_.data()), body_view_.size()};
  } else if (!body_view_.empty()) {
    body_.reserve(body_view_.size() + kPaddingBehindBody);
    body_.assign(body_view_);
    body_view_ = {};
  }
  return body_view_.empty() ? std::string_view(body_) : body_view_;
}

void HttpConnection::forget_request() {
  if (parser_) server_.give_parser(std::move(parser_));
  std::string().swap(body_);
  std::string().swap(head_copy_);
  body_view_ = {};
}

void HttpConnection::on_head() {
  const RequestHead& head = parser_->head();
  http11_ = head.http11;
  close_after_ = !head.keep_alive || server_.draining_;
  if (head.headers.has(Field::expect) && iequals(head.headers.get(Field::expect), "100-continue") && http11_ &&
      parser_->content_length() <= server_.options().limits.body) {
    stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

void HttpConnection::on_body(std::string_view piece) {
  if (body_.empty() && body_view_.empty() && piece.size() == parser_->content_length()) {
    body_view_ = piece;
    return;
  }
  if (!body_view_.empty()) {
    body_.assign(body_view_);
    body_view_ = {};
  }
  if (body_.empty())
    body_.reserve(std::max<std::uint64_t>(parser_->content_length(), piece.size()) + kPaddingBehindBody);
  body_.append(piece);
  if (body_.capacity() < body_.size() + kPaddingBehindBody) body_.reserve(2 * body_.size() + kPaddingBehindBody);
}

void HttpConnection::dispatch() {
  phase_ = Phase::handling;
  server_.handler_.on_request(*this, body_view_.empty() ? std::string_view(body_) : body_view_);
}

void HttpConnection::refuse(unsigned status, std::string_view text) {
  close_after_ = true;
  phase_ = Phase::handling;
  server_.handler_.on_bad_request(*this, status, text);
}

void HttpConnection::write_head(unsigned status, std::string_view fields, std::string_view framing,
                                std::span<const std::string_view> body) {
  std::string& head = server_.head_;
  std::array<char, 20> number;
  head.assign("HTTP/1.1 ");
  head.append(number.data(), std::to_chars(number.data(), number.data() + 8, status).ptr);
  head.push_back(' ');
  head.append(reason_phrase(status));
  head.append("\r\nDate: ").append(server_.date()).append("\r\n").append(fields).append(framing);
  if (close_after_) {
    head.append("Connection: close\r\n");
  } else if (!http11_) {
    head.append("Connection: keep-alive\r\n");
  }
  head.append("\r\n");
  std::array<std::string_view, 6> parts{head};
  std::copy(body.begin(), body.end(), parts.begin() + 1);
  stream_.write(std::span(parts).first(body.size() + 1));
}

void HttpConnection::send(unsigned status, std::string_view fields, std::string_view body) {
  std::array<char, 48> line;
  const std::string_view framing = status != 204 && status != 304 ? length_line(body.size(), line) : std::string_view();
  const bool head_only = parser_ && parser_->head_done() && parser_->head().verb == Verb::head;
  const std::string_view parts[] = {head_only ? std::string_view() : body};
  write_head(status, fields, framing, parts);
  answered();
}

void HttpConnection::begin_stream(unsigned status, std::string_view fields, std::uint64_t length,
                                  std::string_view first) {
  std::array<char, 48> line;
  std::string_view framing;
  chunked_ = length == kNoLength && http11_;
  if (length != kNoLength) {
    framing = length_line(length, line);
  } else if (chunked_) {
    framing = "Transfer-Encoding: chunked\r\n";
  } else {
    close_after_ = true;
  }
  phase_ = Phase::streaming;
  since_ = server_.now_;
  newlines_ = 2;
  full_ = false;
  if (first.empty()) {
    write_head(status, fields, framing, {});
  } else if (chunked_) {
    std::array<char, 20> buffer;
    const std::string_view parts[] = {hex(first.size(), buffer), "\r\n", first, "\r\n"};
    write_head(status, fields, framing, parts);
  } else {
    const std::string_view parts[] = {first};
    write_head(status, fields, framing, parts);
  }
  note(first);
  // A long stream keeps nothing of its request.
  if (!consuming_) forget_request();
}

// Keeps in mind whether what was streamed ends where an event does.
void HttpConnection::note(std::string_view piece) {
  since_ = server_.now_;
  for (const char c : piece.substr(piece.size() > 4 ? piece.size() - 4 : 0)) {
    if (c == '\n') {
      if (newlines_ < 2) ++newlines_;
    } else if (c != '\r') {
      newlines_ = 0;
    }
  }
}

bool HttpConnection::stream(std::string_view piece) {
  if (piece.empty()) return !full_;
  note(piece);
  if (chunked_) {
    std::array<char, 20> buffer;
    const std::string_view parts[] = {hex(piece.size(), buffer), "\r\n", piece, "\r\n"};
    stream_.write(parts);
  } else {
    stream_.write(piece);
  }
  full_ = stream_.queued() > server_.options().max_queued;
  return !full_;
}

void HttpConnection::end_stream(std::string_view last) {
  if (!chunked_) {
    if (!last.empty()) stream_.write(last);
  } else if (last.empty()) {
    stream_.write("0\r\n\r\n");
  } else {
    std::array<char, 20> buffer;
    const std::string_view parts[] = {hex(last.size(), buffer), "\r\n", last, "\r\n0\r\n\r\n"};
    stream_.write(parts);
  }
  answered();
}

void HttpConnection::answered() {
  owner_ = nullptr;
  heartbeat_s_ = 0;
  body_view_ = {};
  if (body_.capacity() > 4096) {
    std::string().swap(body_);
  } else {
    body_.clear();
  }
  std::string().swap(head_copy_);
  if (parser_ && !consuming_) server_.give_parser(std::move(parser_));
  if (close_after_ || server_.draining_) return linger();
  phase_ = Phase::idle;
  since_ = server_.now_;
  if (consuming_) {
    server_.give_parser(std::move(parser_));
    return;
  }
  std::string bytes;
  bytes.swap(carry_);
  if (paused_) {
    paused_ = false;
    stream_.resume_reading();
  }
  if (!bytes.empty()) {
    bytes.reserve(bytes.size() + kPaddingBehindBody);
    consume(bytes);
  }
}

// The answer is out and the connection ends: half-close, then wait for the peer's end, so that the kernel does not
// throw the answer away with a reset.
void HttpConnection::linger() {
  phase_ = Phase::lingering;
  since_ = server_.now_;
  std::string().swap(carry_);
  if (paused_) {
    paused_ = false;
    stream_.resume_reading();
  }
  stream_.shutdown_write();
}

void HttpConnection::on_drained() {
  if (!full_) return;
  full_ = false;
  if (owner_) owner_->on_client_drained();
}

void HttpConnection::on_closed(std::string_view) {
  HttpOwner* owner = std::exchange(owner_, nullptr);
  if (owner) owner->on_client_gone();
  destroy();
}

void HttpConnection::abort() {
  owner_ = nullptr;
  destroy();
}

void HttpConnection::drain() {
  close_after_ = true;
  if (phase_ == Phase::idle) destroy();
}

void HttpConnection::tick(std::uint32_t now) {
  const HttpServerOptions& options = server_.options();
  const std::uint32_t age = now - since_;
  switch (phase_) {
    case Phase::idle:
      if (age >= options.idle_timeout_s) destroy();
      return;
    case Phase::reading:
      if (age < options.request_timeout_s) return;
      parser_->head().headers.clear();
      return refuse(408, "the request did not come whole in time");
    case Phase::lingering:
      if (age >= kLingerSeconds) destroy();
      return;
    case Phase::handling: return;
    case Phase::streaming: break;
  }
  if (heartbeat_s_ == 0 || age < heartbeat_s_ || newlines_ < 2 || stream_.queued() > 0) return;
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  stream(":heartbeat " + std::to_string(millis.count()) + "\n\n");
  if (owner_) owner_->on_heartbeat();
}

}  // namespace mcpr::net
