// Incremental parsing of HTTP/1.x by Beast's basic_parser with a sink that keeps only what the router routes on. No
// I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "host/net/http_head.hpp"

namespace mcpr::net {

struct HttpLimits {
  std::size_t head = 32 * 1024;        // bytes of start line and fields together
  std::size_t body = 4 * 1024 * 1024;  // bytes of a request's body
  std::size_t fields = 128;
};

enum class HttpError : std::uint8_t { none, bad_request, head_too_large, body_too_large, version, unexpected_eof };

// What a parser delivers while it is fed. The views of a head live as long as the bytes given to feed().
class HttpSink {
 public:
  virtual void on_head() = 0;                        // head() is complete
  virtual void on_body(std::string_view piece) = 0;  // a piece of the body, decoded from chunks where it came so
 protected:
  ~HttpSink() = default;
};

// feed() consumes as much as it can and returns how much; the rest must be given again, with more behind it. It stops
// behind the end of a message. A head is delivered only when all of it stands in the bytes of one call.
class HttpRequestParser {
 public:
  explicit HttpRequestParser(const HttpLimits& limits);
  ~HttpRequestParser();
  HttpRequestParser(const HttpRequestParser&) = delete;
  HttpRequestParser& operator=(const HttpRequestParser&) = delete;

  std::size_t feed(std::string_view bytes, HttpSink& sink);
  void reset();  // for the next message
  bool started() const;
  bool head_done() const;
  bool done() const;
  HttpError error() const;
  std::string error_text() const;
  RequestHead& head();
  std::uint64_t content_length() const;  // 0 where the body is chunked or absent

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class HttpResponseParser {
 public:
  HttpResponseParser();
  ~HttpResponseParser();
  HttpResponseParser(const HttpResponseParser&) = delete;
  HttpResponseParser& operator=(const HttpResponseParser&) = delete;

  std::size_t feed(std::string_view bytes, HttpSink& sink);
  void finish(HttpSink& sink);  // the peer closed: ends a body without a length, else is an error
  void reset(bool head_request = false);
  bool started() const;
  bool head_done() const;
  bool done() const;
  HttpError error() const;
  std::string error_text() const;
  ResponseHead& head();
  bool has_length() const;
  std::uint64_t content_length() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcpr::net
