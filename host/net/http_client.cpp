#include "host/net/http_client.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <list>
#include <vector>

#include "host/net/tls.hpp"

namespace mcpr::net {

namespace {

struct Waiting {
  HttpCall* call;
  std::string request;
  CallOptions options;
};

struct Doomed {
  HttpCall* call;
  HttpFailure failure;
};

// `timeout=5` in a Keep-Alive field, in seconds; 0 where there is none.
unsigned keep_alive_seconds(std::string_view value) {
  const std::size_t at = value.find("timeout=");
  if (at == std::string_view::npos) return 0;
  unsigned seconds = 0;
  std::from_chars(value.data() + at + 8, value.data() + value.size(), seconds);
  return seconds;
}

}  // namespace

struct HttpOrigin::State : std::enable_shared_from_this<State> {
  State(Loop& l, BlockingPool& p, const OriginOptions& o)
      : loop(l), pool(p), options(o), reaper(l, [this] { reap(); }), executioner(l, [this] { fail_doomed(); }) {}

  void reap();
  void open(Waiting request);
  void assign_waiting();
  void fail_doomed();

  Loop& loop;
  BlockingPool& pool;
  const OriginOptions& options;
  std::unique_ptr<TlsContext> tls;
  std::vector<std::unique_ptr<HttpClientConnection>> connections;  // all; a connection knows its index
  std::vector<HttpClientConnection*> idle;                         // the last used at the end
  std::list<Waiting> waiting;
  std::list<Doomed> doomed;  // failed already, but their callers are still inside send()
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

  void connect_for(Waiting request) {
    call_ = request.call;
    call_->connection_ = this;
    call_options_ = request.options;
    pending_ = std::move(request.request);
    timer_.arm(origin_.options.connect_timeout);
    resolve(origin_.loop, origin_.pool, origin_.options.host, origin_.options.port,
            [weak = std::weak_ptr(origin_.shared_from_this()), this, alive = std::weak_ptr(alive_)](Resolved found) {
              if (weak.expired() || alive.expired()) return;
              on_resolved(std::move(found));
            });
  }

  void start(HttpCall& call, std::string_view head, std::string_view body, const CallOptions& options) {
    call_ = &call;
    call.connection_ = this;
    call_options_ = options;
    reused_ = true;
    write_request(head, body);
  }

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
  void on_resolved(Resolved found) {
    if (found.addresses.empty()) return fail_later(HttpFailure::Cause::resolve, std::move(found.error));
    addresses_ = std::move(found.addresses);
    if (origin_.options.tls) {
      try {
        if (!origin_.tls) origin_.tls = std::make_unique<TlsContext>(origin_.options.ca_file);
        stream_.use_tls(*origin_.tls, origin_.options.host);
      } catch (const std::exception& error) {
        return fail_later(HttpFailure::Cause::tls, error.what());
      }
    }
    stream_.connect(addresses_.front());
  }

  void on_connected() override {
    connected_ = true;
    std::string request;
    request.swap(pending_);
    write_request(request, {});
  }

  void write_request(std::string_view head, std::string_view body) {
    if (!parser_) parser_ = std::make_unique<HttpResponseParser>();
    parser_->reset();
    sent_ = true;
    if (call_options_.response_timeout.count() > 0) {
      timer_.arm(call_options_.response_timeout);
    } else {
      timer_.cancel();
    }
    const std::string_view parts[] = {head, body};
    stream_.write(parts);
  }

  void on_data(char* data, std::size_t size) override {
    if (!call_) return close();  // bytes that nobody asked for
    std::string joined;
    std::string_view bytes(data, size);
    if (!carry_.empty()) {
      carry_.append(bytes);
      joined.swap(carry_);
      joined.reserve(joined.size() + 128);
      bytes = joined;
    }
    // The call may give up while the parser runs; the connection ends when the parser has returned.
    while (!bytes.empty()) {
      feeding_ = true;
      const std::size_t used = parser_->feed(bytes, *this);
      feeding_ = false;
      if (!call_) return close();
      if (parser_->error() != HttpError::none) {
        return fail(HttpFailure::Cause::protocol, "not a valid HTTP answer: " + parser_->error_text());
      }
      bytes.remove_prefix(used);
      if (parser_->done()) {
        if (parser_->head().status < 200) {  // 100 Continue and the like: not the answer
          parser_->reset();
          continue;
        }
        return finish(!bytes.empty());
      }
      if (used == 0 || !parser_->head_done()) {  // half a head, or half the line between two chunks
        carry_.assign(bytes);
        break;
      }
    }
    if (call_ && parser_->head_done()) call_->on_flush();
  }

  void on_head() override {
    ResponseHead& head = parser_->head();
    if (head.status < 200) return;
    keep_ = head.keep_alive;
    if (const unsigned seconds = keep_alive_seconds(head.headers.get(Field::keep_alive)); seconds > 0) {
      idle_limit_ = std::min(origin_.options.idle, Millis((seconds - 1) * 1000));
    } else {
      idle_limit_ = origin_.options.idle;
    }
    std::string_view type = head.headers.get(Field::content_type);
    streaming_ = type.size() >= 17 && iequals(type.substr(0, 17), "text/event-stream");
    if (streaming_) set_stream_timer();
    if (call_) call_->on_response(head);
    head.headers.release();
  }

  void on_body(std::string_view piece) override {
    if (streaming_) {
      set_stream_timer();
    } else if (piece.size() != parser_->content_length()) {
      extend(call_options_.response_timeout);
    }
    if (call_) call_->on_body(piece);
  }

  void set_stream_timer() {
    if (call_options_.stream_timeout.count() > 0) {
      timer_.arm(call_options_.stream_timeout);
    } else {
      timer_.cancel();
    }
  }

  // The answer is complete. The connection is given back before the call hears of it, so that its next request finds
  // it.
  void finish(bool extra_bytes) {
    HttpCall* call = std::exchange(call_, nullptr);
    if (call) call->connection_ = nullptr;
    const auto origin = origin_.shared_from_this();
    timer_.cancel();
    stream_.resume_reading();
    if (keep_ && !extra_bytes && call && idle_limit_.count() > 0 && origin->idle.size() < origin->options.max_idle) {
      idle_since_ = Clock::now();
      parser_->reset();
      origin->idle.push_back(this);
      if (!origin->reaper.armed()) origin->reaper.arm(Millis(1000));
      if (!origin->waiting.empty()) origin->assign_waiting();
    } else {
      close();
    }
    if (call) call->on_done();
  }

  void on_closed(std::string_view reason) override {
    if (!call_) return close();
    if (parser_ && parser_->started() && sent_) {
      feeding_ = true;
      parser_->finish(*this);
      feeding_ = false;
      if (!call_) return close();
      if (parser_->done() && parser_->error() == HttpError::none) {
        keep_ = false;
        return finish(false);
      }
    }
    const std::string text = reason.empty() ? "the server closed the connection" : std::string(reason);
    if (!connected_ && !reused_) {
      if (addresses_.size() > 1) return try_next_address();
      return fail(
          origin_.options.tls && reason.starts_with("TLS") ? HttpFailure::Cause::tls : HttpFailure::Cause::connect,
          text);
    }
    fail(HttpFailure::Cause::closed, text);
  }

  // A name with several addresses: a fresh connection tries the next one.
  void try_next_address();

  void on_timeout() {
    if (!connected_ && !reused_)
      return fail(HttpFailure::Cause::connect_timeout, "no connection within the connect time-out");
    fail(HttpFailure::Cause::response_timeout, "no answer within the response time-out");
  }

  void fail(HttpFailure::Cause cause, std::string text) {
    HttpCall* call = std::exchange(call_, nullptr);
    const HttpFailure failure{cause, sent_, parser_ && parser_->head_done(),
                              origin_.options.host + ":" + std::to_string(origin_.options.port) + ": " + text};
    if (call) call->connection_ = nullptr;
    close();
    if (call) call->on_failed(failure);
  }

  // For failures that are found while the caller is still inside send().
  void fail_later(HttpFailure::Cause cause, std::string text) {
    origin_.loop.post([this, alive = std::weak_ptr(alive_), cause, text = std::move(text)]() mutable {
      if (!alive.expired()) fail(cause, std::move(text));
    });
  }

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

void HttpClientConnection::close() {
  auto origin = origin_.shared_from_this();
  std::erase(origin->idle, this);
  auto& all = origin->connections;
  const std::size_t index = index_;
  std::unique_ptr<HttpClientConnection> self = std::move(all[index]);
  if (index + 1 != all.size()) {
    all[index] = std::move(all.back());
    all[index]->set_index(index);
  }
  all.pop_back();
  self.reset();
  if (!origin->closed && !origin->waiting.empty()) origin->assign_waiting();
}

void HttpClientConnection::try_next_address() {
  HttpCall* call = std::exchange(call_, nullptr);
  auto origin = origin_.shared_from_this();
  std::vector<Address> rest(addresses_.begin() + 1, addresses_.end());
  auto next = std::make_unique<HttpClientConnection>(*origin, origin->connections.size());
  HttpClientConnection& fresh = *next;
  fresh.call_ = call;
  call->connection_ = &fresh;
  fresh.call_options_ = call_options_;
  fresh.pending_ = std::move(pending_);
  fresh.timer_.arm(origin->options.connect_timeout);
  origin->connections.push_back(std::move(next));
  close();
  fresh.on_resolved(Resolved{std::move(rest), {}});
}

void HttpOrigin::State::reap() {
  const TimePoint now = Clock::now();
  for (std::size_t i = 0; i < idle.size();) {
    HttpClientConnection* at = idle[i];
    if (at->idle_until() > now) {
      ++i;
    } else {
      at->close();  // removes it from `idle`
    }
  }
  if (!idle.empty()) reaper.arm(Millis(1000));
}

void HttpOrigin::State::fail_doomed() {
  while (!doomed.empty()) {
    const Doomed next = std::move(doomed.front());
    doomed.pop_front();
    next.call->waiting_ = nullptr;
    next.call->on_failed(next.failure);
  }
}

void HttpOrigin::State::open(Waiting request) {
  connections.push_back(std::make_unique<HttpClientConnection>(*this, connections.size()));
  connections.back()->connect_for(std::move(request));
}

void HttpOrigin::State::assign_waiting() {
  while (!waiting.empty() && (!idle.empty() || connections.size() < options.max_connections)) {
    Waiting next = std::move(waiting.front());
    waiting.pop_front();
    next.call->waiting_ = nullptr;
    if (idle.empty()) {
      open(std::move(next));
      continue;
    }
    HttpClientConnection* connection = idle.back();
    idle.pop_back();
    connection->start(*next.call, next.request, {}, next.options);
  }
}

HttpOrigin::HttpOrigin(Loop& loop, BlockingPool& pool, OriginOptions options)
    : options_(std::move(options)), state_(std::make_shared<State>(loop, pool, options_)) {}

HttpOrigin::~HttpOrigin() {
  state_->closed = true;
  std::vector<HttpCall*> calls;
  for (const Waiting& at : state_->waiting) calls.push_back(at.call);
  for (const Doomed& at : state_->doomed) calls.push_back(at.call);
  for (const auto& at : state_->connections) {
    if (at->call()) calls.push_back(at->call());
  }
  state_->waiting.clear();
  state_->doomed.clear();
  state_->idle.clear();
  state_->connections.clear();
  const HttpFailure failure{HttpFailure::Cause::closed, true, false,
                            "connections to " + options_.host + " are given up"};
  for (HttpCall* call : calls) {
    call->waiting_ = nullptr;
    call->on_failed(failure);
  }
}

void HttpOrigin::send(HttpCall& call, std::string_view head, std::string_view body, const CallOptions& options) {
  while (!state_->idle.empty()) {
    HttpClientConnection* connection = state_->idle.back();
    state_->idle.pop_back();
    if (connection->usable()) return connection->start(call, head, body, options);
    connection->close();
  }
  Waiting request{&call, {}, options};
  request.request.reserve(head.size() + body.size());
  request.request.append(head).append(body);
  if (state_->connections.size() < options_.max_connections) return state_->open(std::move(request));
  if (state_->waiting.size() < options_.max_waiting) {
    state_->waiting.push_back(std::move(request));
    call.waiting_ = this;
    return;
  }
  call.waiting_ = this;
  const std::string where = options_.host + ":" + std::to_string(options_.port);
  state_->doomed.push_back({&call,
                            {HttpFailure::Cause::overload, false, false,
                             where + ": all connections are in use and too many requests wait"}});
  state_->executioner.arm(Millis(0));
}

std::size_t HttpOrigin::connections() const { return state_->connections.size(); }
std::size_t HttpOrigin::idle() const { return state_->idle.size(); }

void HttpCall::cancel() {
  if (connection_) std::exchange(connection_, nullptr)->detach();
  if (waiting_) {
    HttpOrigin::State& state = *std::exchange(waiting_, nullptr)->state_;
    std::erase_if(state.waiting, [this](const Waiting& at) { return at.call == this; });
    std::erase_if(state.doomed, [this](const Doomed& at) { return at.call == this; });
  }
}

void HttpCall::pause() {
  if (connection_) connection_->pause();
}
void HttpCall::resume() {
  if (connection_) connection_->resume();
}
void HttpCall::extend(Millis timeout) {
  if (connection_) connection_->extend(timeout);
}
std::uint64_t HttpCall::body_length() const { return connection_ ? connection_->body_length() : kUnknown; }

}  // namespace mcpr::net
