// The server side of HTTP/1.1 on one loop: connections, requests with their whole body, answers whole or streamed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "host/net/http_parser.hpp"
#include "host/net/listener.hpp"
#include "host/net/stream.hpp"
#include "host/net/timer.hpp"

namespace mcpr::net {

struct HttpServerOptions {
  HttpLimits limits;
  std::size_t max_connections = 20'000;  // beyond it a new one is answered 503 and closed
  std::size_t max_queued = 1024 * 1024;  // bytes a client may leave unread before stream() says so
  unsigned request_timeout_s = 30;       // from a request's first byte to its last
  unsigned idle_timeout_s = 75;          // a kept-alive connection without a request
};

class HttpConnection;
class HttpServer;

// Whoever answers a request later than in on_request(). Called on the loop's thread.
class HttpOwner {
 public:
  virtual void on_client_gone() = 0;   // the connection is no more and must not be used
  virtual void on_client_drained() {}  // after stream() said false: there is room again
  virtual void on_heartbeat() {}       // a heartbeat was sent: the client is still there
 protected:
  ~HttpOwner() = default;
};

class HttpHandler {
 public:
  // The head (connection.request()) and the body are valid until it returns; kReadPadding bytes behind the body are
  // readable. It answers, or leaves an owner with the connection that will.
  virtual void on_request(HttpConnection& connection, std::string_view body) = 0;
  // The request could not be read. `status` and `text` say why; the answer is the handler's, the connection ends after
  // it.
  virtual void on_bad_request(HttpConnection& connection, unsigned status, std::string_view text) = 0;

 protected:
  ~HttpHandler() = default;
};

class HttpConnection final : private StreamHandler, private HttpSink {
 public:
  HttpConnection(HttpServer& server, int fd, const Address& peer);
  ~HttpConnection();

  Loop& loop() const;
  const Address& peer() const { return peer_; }
  const RequestHead& request() const { return parser_->head(); }
  void set_owner(HttpOwner* owner) { owner_ = owner; }
  // Keeps the request beyond on_request(), until it is answered; returns where the body is now.
  std::string_view hold_request();

  // A whole answer. `fields` are header lines, each ended by CRLF, without Content-Length and Connection.
  void send(unsigned status, std::string_view fields, std::string_view body);

  // A streamed answer: chunked, or to the end of the connection for an HTTP/1.0 client. With `length` the body is sent
  // as it is, under that Content-Length.
  static constexpr std::uint64_t kNoLength = ~0ull;
  // `first` goes out in one write with the head.
  void begin_stream(unsigned status, std::string_view fields, std::uint64_t length = kNoLength,
                    std::string_view first = {});
  bool stream(std::string_view piece);  // false: more than max_queued waits
  void end_stream(std::string_view last = {});
  // From now on an SSE comment is sent whenever the stream was silent for so long and stands between two events.
  void heartbeat_every(unsigned seconds) { heartbeat_s_ = static_cast<std::uint16_t>(seconds); }
  bool between_events() const { return newlines_ >= 2; }
  void abort();  // closes at once, without an answer; on_client_gone() is not called

 private:
  friend class HttpServer;
  enum class Phase : std::uint8_t { idle, reading, handling, streaming, lingering };

  void on_data(char* data, std::size_t size) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;
  void on_head() override;
  void on_body(std::string_view piece) override;

  void consume(std::string_view bytes);
  void dispatch();
  void refuse(unsigned status, std::string_view text);
  void write_head(unsigned status, std::string_view fields, std::string_view framing,
                  std::span<const std::string_view> body);
  void note(std::string_view piece);
  void answered();
  void linger();
  void tick(std::uint32_t now);
  void drain();
  void forget_request();
  void destroy();

  HttpServer& server_;
  Stream stream_;
  HttpConnection* next_ = nullptr;  // the server's list
  HttpConnection** link_ = nullptr;
  HttpOwner* owner_ = nullptr;
  std::unique_ptr<HttpRequestParser> parser_;  // only while a request is read or answered
  std::string carry_;                          // bytes of a head that has not come whole
  std::string head_copy_;                      // the head of a request whose body came later
  std::string body_;
  std::string_view body_view_;
  std::string_view current_;  // the bytes of the request that is dispatched, as far as they came with its end
  bool* gone_ = nullptr;      // while a request is dispatched: tells consume() that the handler ended the connection
  Address peer_;
  std::uint32_t since_ = 0;  // tick at which the phase began, or of the last write of a stream
  std::uint16_t heartbeat_s_ = 0;
  Phase phase_ = Phase::idle;
  bool close_after_ = false;
  bool chunked_ = false;
  bool http11_ = true;
  bool consuming_ = false;
  bool paused_ = false;
  bool full_ = false;
  std::uint8_t newlines_ = 2;  // how many line ends stand at the end of what was streamed: 2 is between events
};

class HttpServer {
 public:
  HttpServer(Loop& loop, HttpHandler& handler, HttpServerOptions options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void listen(int fd);  // takes ownership; may be called for several addresses
  // From now on every answer says `Connection: close`.
  void say_close() { draining_ = true; }
  // Takes what waits in the accept queue, closes the listeners and the idle connections, and says close.
  void drain();
  std::size_t connections() const { return count_; }
  std::uint64_t refused() const { return refused_; }
  Loop& loop() const { return loop_; }
  const HttpServerOptions& options() const { return options_; }
  void set_options(const HttpServerOptions& options) { options_ = options; }

 private:
  friend class HttpConnection;
  void accept(int fd, const Address& peer);
  void tick();
  std::unique_ptr<HttpRequestParser> take_parser();
  void give_parser(std::unique_ptr<HttpRequestParser> parser);
  std::string_view date();

  Loop& loop_;
  HttpHandler& handler_;
  HttpServerOptions options_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  HttpConnection* first_ = nullptr;
  std::size_t count_ = 0;
  std::uint64_t refused_ = 0;
  std::uint32_t now_ = 0;  // seconds since the start, counted by the timer
  bool draining_ = false;
  Timer timer_;
  std::vector<std::unique_ptr<HttpRequestParser>> parsers_;
  std::string head_;  // where answers' heads are put together
  std::string date_;
  std::int64_t date_second_ = 0;
};

std::string_view reason_phrase(unsigned status);

}  // namespace mcpr::net
