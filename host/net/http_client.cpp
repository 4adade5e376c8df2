#include "host/net/http_client.hpp"

#include "host/net/http_client_parts.hpp"

namespace mcpr::net {

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
    const DoomedCall next = std::move(doomed.front());
    doomed.pop_front();
    next.call->waiting_ = nullptr;
    next.call->on_failed(next.failure);
  }
}

void HttpOrigin::State::open(WaitingCall request) {
  connections.push_back(std::make_unique<HttpClientConnection>(*this, connections.size()));
  connections.back()->connect_for(std::move(request));
}

void HttpOrigin::State::assign_waiting() {
  while (!waiting.empty() && (!idle.empty() || connections.size() < options.pool.max_connections)) {
    WaitingCall next = std::move(waiting.front());
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
  for (const WaitingCall& at : state_->waiting) calls.push_back(at.call);
  for (const DoomedCall& at : state_->doomed) calls.push_back(at.call);
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
  WaitingCall request{&call, {}, options};
  request.request.reserve(head.size() + body.size());
  request.request.append(head).append(body);
  if (state_->connections.size() < options_.pool.max_connections) return state_->open(std::move(request));
  if (state_->waiting.size() < options_.pool.max_waiting) {
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
    std::erase_if(state.waiting, [this](const WaitingCall& at) { return at.call == this; });
    std::erase_if(state.doomed, [this](const DoomedCall& at) { return at.call == this; });
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
