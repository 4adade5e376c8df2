// The inside of the HTTP client: what an origin keeps, and one of its connections. For http_client*.cpp only.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/net/http_client.hpp"
#include "host/net/tls.hpp"

namespace mcpr::net {

struct WaitingCall {
  HttpCall* call;
  std::string request;
  CallOptions options;
};

struct DoomedCall {
  HttpCall* call;
  HttpFailure failure;
};

struct HttpOrigin::State : std::enable_shared_from_this<State> {
  State(Loop& l, BlockingPool& p, const OriginOptions& o)
      : loop(l), pool(p), options(o), reaper(l, [this] { reap(); }), executioner(l, [this] { fail_doomed(); }) {}

  void reap();
  void open(WaitingCall request);
  void assign_waiting();
  void fail_doomed();

  Loop& loop;
  BlockingPool& pool;
  const OriginOptions& options;
  std::unique_ptr<TlsContext> tls;
  std::vector<std::unique_ptr<HttpClientConnection>> connections;  // all; a connection knows its index
  std::vector<HttpClientConnection*> idle;                         // the last used at the end
  std::list<WaitingCall> waiting;
  std::list<DoomedCall> doomed;  // failed already, but their callers are still inside send()
  Timer reaper;
  Timer executioner;
  bool closed = false;
};

class HttpClientConnection final : private StreamHandler, private HttpSink {
 public:
  HttpClientConnection(HttpOrigin::State& origin, std::size_t index)
      : origin_(origin), index_(index), stream_(origin.loop, *this), timer_(origin.loop, [this] { on_timeout(); }) {}
  ~HttpClientConnection() {
    if (call_) call_->connection_ = nullptr;
  }

  void connect_for(WaitingCall request);
  void start(HttpCall& call, std::string_view head, std::string_view body, const CallOptions& options);
  // Is it still fit for use? Asked only after it has lain idle for a moment: the loop would have seen an earlier end.
  bool usable() const { return Clock::now() - idle_since_ < Millis(50) || !stream_.stale(); }
  TimePoint idle_until() const { return idle_since_ + idle_limit_; }
  std::size_t index() const { return index_; }
  void set_index(std::size_t index) { index_ = index; }

  void detach() {
    call_ = nullptr;
    if (!feeding_) close();
  }
  HttpCall* call() const { return call_; }
  void pause() { stream_.pause_reading(); }
  void resume() { stream_.resume_reading(); }
  void extend(Millis timeout) {
    if (timeout.count() > 0) timer_.arm(timeout);
  }
  void close();
  std::uint64_t body_length() const {
    return parser_ && parser_->has_length() ? parser_->content_length() : HttpCall::kUnknown;
  }

 private:
  void on_resolved(Resolved found);
  void on_connected() override;
  void write_request(std::string_view head, std::string_view body);
  void on_data(char* data, std::size_t size) override;
  void on_head() override;
  void on_body(std::string_view piece) override;
  void set_stream_timer();
  // The answer is complete. The connection is given back before the call hears of it, so that its next request finds
  // it.
  void finish(bool extra_bytes);
  void on_closed(std::string_view reason) override;
  // A name with several addresses: a fresh connection tries the next one.
  void try_next_address();
  void on_timeout();
  void fail(HttpFailure::Cause cause, std::string text);
  // For failures that are found while the caller is still inside send().
  void fail_later(HttpFailure::Cause cause, std::string text);

  HttpOrigin::State& origin_;
  std::size_t index_;
  Stream stream_;
  Timer timer_;
  HttpCall* call_ = nullptr;
  CallOptions call_options_;
  std::unique_ptr<HttpResponseParser> parser_;
  std::string pending_;  // the request, until there is a connection
  std::string carry_;
  std::vector<Address> addresses_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  TimePoint idle_since_{};
  Millis idle_limit_{0};
  bool connected_ = false;
  bool reused_ = false;
  bool sent_ = false;
  bool keep_ = false;
  bool streaming_ = false;
  bool feeding_ = false;
};

}  // namespace mcpr::net
