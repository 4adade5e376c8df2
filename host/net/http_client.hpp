// The client side of HTTP/1.1 on one loop: requests to one origin over kept-alive connections.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "host/net/address.hpp"
#include "host/net/http_parser.hpp"
#include "host/net/stream.hpp"
#include "host/net/timer.hpp"

namespace mcpr::net {

struct HttpFailure {
  enum class Cause : std::uint8_t {
    resolve,
    connect,
    connect_timeout,
    tls,
    overload,
    closed,
    response_timeout,
    protocol
  };
  Cause cause;
  bool sent;      // a byte of the request was written: it may have run
  bool answered;  // the head of an answer had come
  std::string text;
};

class HttpOrigin;
class HttpClientConnection;

// A request under way; the base of whoever waits for its answer. Called on the loop's thread, never from inside
// HttpOrigin::send(). The views are valid during the call.
class HttpCall {
 public:
  HttpCall() = default;
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  virtual void on_response(ResponseHead& head) = 0;
  virtual void on_body(std::string_view piece) = 0;  // kReadPadding bytes behind the piece are readable
  virtual void on_flush() {}  // every piece that has come so far was given to on_body(), and the answer goes on
  virtual void on_done() = 0;
  virtual void on_failed(const HttpFailure& failure) = 0;

  void cancel();  // nothing is called any more. An unfinished answer ends its connection
  void pause();
  void resume();
  bool under_way() const { return connection_ != nullptr || waiting_ != nullptr; }
  // The whole answer stands in one piece that on_body() will be given right after on_response(); its size, or kUnknown.
  std::uint64_t body_length() const;
  static constexpr std::uint64_t kUnknown = ~0ull;
  void extend(Millis timeout);  // starts the response time-out again

 protected:
  ~HttpCall() { cancel(); }

 private:
  friend class HttpOrigin;
  friend class HttpClientConnection;
  HttpClientConnection* connection_ = nullptr;
  HttpOrigin* waiting_ = nullptr;
};

struct PoolOptions {
  Millis idle{4'000};                    // Node closes at 5 s
  std::size_t max_connections = 16'384;  // streams included; more requests wait
  std::size_t max_idle = 256;            // kept for the next request
  std::size_t max_waiting = 1'024;       // then they fail with `overload`
};

struct OriginOptions {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca_file;
  Millis connect_timeout{5'000};
  PoolOptions pool;
};

struct CallOptions {
  Millis response_timeout{60'000};  // to the head, and from then on between two pieces; 0: none
  Millis stream_timeout{0};         // the same once the answer is an event stream; 0: none
};

class HttpOrigin {
 public:
  HttpOrigin(Loop& loop, BlockingPool& pool, OriginOptions options);
  ~HttpOrigin();  // ends all; calls under way fail, and must not destroy each other then
  HttpOrigin(const HttpOrigin&) = delete;
  HttpOrigin& operator=(const HttpOrigin&) = delete;

  // `head` is the whole head of the request, `body` its body. Both are sent, or copied, before it returns.
  void send(HttpCall& call, std::string_view head, std::string_view body, const CallOptions& options);
  std::size_t connections() const;
  std::size_t idle() const;
  const OriginOptions& options() const { return options_; }
  void set_pool(const PoolOptions& pool) { options_.pool = pool; }  // for what comes from now on

 private:
  friend class HttpCall;
  friend class HttpClientConnection;
  struct State;
  OriginOptions options_;
  std::shared_ptr<State> state_;
};

}  // namespace mcpr::net
