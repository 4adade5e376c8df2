// What the host does for a plugin, for C++: callables instead of function pointers, handles that cancel by themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mcpr/abi.hpp"

namespace mcpr::sdk {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::string body;
  std::string ca_file;
  KeyValues headers;
  std::uint32_t timeout_ms = 0;  // 0: the host's default
};

struct HttpResponse {
  mcpr_status result = MCPR_OK;  // not MCPR_OK: there is no answer, error says why
  std::uint32_t code = 0;
  KeyValues headers;  // names in lower case
  std::string body;
  std::string error;
};

// A view of the host's table; as cheap to copy as a pointer. Valid until the plugin's instance is destroyed.
class Host {
 public:
  explicit Host(const mcpr_host* table) : table_(table) {}
  const mcpr_host* table() const { return table_; }
  std::string_view source_name() const { return table_->source_name ? table_->source_name : ""; }
  std::string_view version() const { return table_->version ? table_->version : ""; }

  // [any]
  void log(std::int32_t level, std::string_view text) const noexcept { table_->log(table_->ctx, level, str(text)); }
  void debug(std::string_view text) const noexcept { log(MCPR_LOG_DEBUG, text); }
  void info(std::string_view text) const noexcept { log(MCPR_LOG_INFO, text); }
  void warn(std::string_view text) const noexcept { log(MCPR_LOG_WARN, text); }
  void error(std::string_view text) const noexcept { log(MCPR_LOG_ERROR, text); }

  // [any] Runs f on the control thread, in the order of posting. False: it will not run, the host is stopping.
  template <class F>
  bool post(F&& f) const {
    return hand_over(table_->post, std::forward<F>(f));
  }
  // [any] Runs f on a thread that may block. False: it will not run, too much is waiting or the host is stopping.
  template <class F>
  bool run_blocking(F&& f) const {
    return hand_over(table_->run_blocking, std::forward<F>(f));
  }
  // [any] name: [a-z0-9_]+
  void count(std::string_view name, std::string_view help, double value = 1) const noexcept {
    table_->metric(table_->ctx, MCPR_METRIC_COUNTER, str(name), str(help), value);
  }
  void gauge(std::string_view name, std::string_view help, double value) const noexcept {
    table_->metric(table_->ctx, MCPR_METRIC_GAUGE, str(name), str(help), value);
  }
  const void* extension(const char* id) const noexcept { return table_->get_extension(table_->ctx, id); }

  // Runs f; what it throws is logged.
  template <class F>
  void run(F&& f) const noexcept {
    guarded(std::forward<F>(f),
            [this](mcpr_status, std::string_view text) { error("exception: " + std::string(text)); });
  }

 private:
  template <class F>
  struct Job {
    const mcpr_host* table;
    F f;
    static void call(void* arg) noexcept {
      const std::unique_ptr<Job> job(static_cast<Job*>(arg));
      Host(job->table).run(job->f);
    }
  };
  template <class F>
  bool hand_over(mcpr_status (*function)(void*, mcpr_task_fn, void*), F&& f) const {
    using J = Job<std::decay_t<F>>;
    std::unique_ptr<J> job(new J{table_, std::forward<F>(f)});
    if (function(table_->ctx, &J::call, job.get()) != MCPR_OK) return false;
    static_cast<void>(job.release());  // freed by Job::call
    return true;
  }

  const mcpr_host* table_;
};

// [control] Calls back until cancelled or destroyed; the callback may do either.
class Timer {
 public:
  Timer(Host host, std::function<void()> on_fire)
      : state_(new State{host, std::make_shared<std::function<void()>>(std::move(on_fire))}) {}
  ~Timer() { cancel(); }
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&&) = delete;

  void once(std::uint64_t ms) { arm(ms, 0); }  // replaces an earlier arming
  void every(std::uint64_t ms) { arm(ms, ms ? ms : 1); }
  void cancel() {
    if (state_ && state_->handle) state_->table()->timer_cancel(state_->table()->ctx, std::exchange(state_->handle, 0));
  }
  bool armed() const { return state_ && state_->handle; }

 private:
  struct State {
    Host host;
    std::shared_ptr<std::function<void()>> on_fire;  // shared: the callback may destroy the timer
    std::uint64_t handle = 0;
    bool periodic = false;
    const mcpr_host* table() const { return host.table(); }
  };
  static void fire(void* arg) noexcept {
    auto& state = *static_cast<State*>(arg);
    if (!state.periodic) state.handle = 0;
    const auto on_fire = state.on_fire;
    const Host host = state.host;
    host.run(*on_fire);
  }
  void arm(std::uint64_t first, std::uint64_t period) {
    cancel();
    state_->periodic = period != 0;
    state_->handle = state_->table()->timer(state_->table()->ctx, first, period, &fire, state_.get());
    if (!state_->handle) throw Error(MCPR_E_UNAVAILABLE, "the host gives no timer: it is stopping");
  }
  std::unique_ptr<State> state_;
};

// [control] Calls back with MCPR_FD_READ | MCPR_FD_WRITE whenever fd is ready, until destroyed. fd must outlive it.
class FdWatch {
 public:
  FdWatch(Host host, int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready)
      : state_(new State{host, std::make_shared<std::function<void(std::uint32_t)>>(std::move(on_ready))}) {
    state_->handle = host.table()->fd_watch(host.table()->ctx, fd, events, &ready, state_.get());
    if (!state_->handle) throw Error(MCPR_E_UNAVAILABLE, "the host cannot watch the file descriptor");
  }
  ~FdWatch() {
    if (state_) state_->host.table()->fd_cancel(state_->host.table()->ctx, state_->handle);
  }
  FdWatch(FdWatch&&) noexcept = default;
  FdWatch& operator=(FdWatch&&) = delete;

 private:
  struct State {
    Host host;
    std::shared_ptr<std::function<void(std::uint32_t)>> on_ready;
    std::uint64_t handle = 0;
  };
  static void ready(void* arg, int, std::uint32_t events) noexcept {
    const auto on_ready = static_cast<State*>(arg)->on_ready;
    const Host host = static_cast<State*>(arg)->host;
    host.run([&] { (*on_ready)(events); });
  }
  std::unique_ptr<State> state_;
};

// [control] One request under way; destroying it cancels it. The callback is called once, never by the constructor.
class HttpCall {
 public:
  HttpCall(Host host, const HttpRequest& request, std::function<void(HttpResponse)> on_response)
      : state_(new State{host, std::make_shared<std::function<void(HttpResponse)>>(std::move(on_response))}) {
    std::vector<mcpr_kv> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({str(name), str(value)});
    mcpr_http_request c{};
    c.struct_size = sizeof c;
    c.timeout_ms = request.timeout_ms;
    c.method = str(request.method);
    c.url = str(request.url);
    c.body = str(request.body);
    c.ca_file = str(request.ca_file);
    c.headers = headers.data();
    c.headers_n = static_cast<std::uint32_t>(headers.size());
    char text[512];
    mcpr_err err{text, sizeof text, 0};
    state_->handle = host.table()->http(host.table()->ctx, &c, &done, state_.get(), &err);
    if (!state_->handle) throw Error(MCPR_E_UNSUPPORTED, std::string(text, err.size));
  }
  ~HttpCall() {
    if (state_ && state_->handle) state_->host.table()->http_cancel(state_->host.table()->ctx, state_->handle);
  }
  HttpCall(HttpCall&&) noexcept = default;
  HttpCall& operator=(HttpCall&&) = delete;

 private:
  struct State {
    Host host;
    std::shared_ptr<std::function<void(HttpResponse)>> on_response;
    std::uint64_t handle = 0;
  };
  static void done(void* arg, const mcpr_http_response* c) noexcept {
    auto& state = *static_cast<State*>(arg);
    state.handle = 0;
    const auto on_response = state.on_response;
    const Host host = state.host;
    host.run([&] {
      HttpResponse response{c->result, c->code, {}, std::string(view(c->body)), std::string(view(c->error))};
      for (std::uint32_t i = 0; i < c->headers_n; ++i) {
        response.headers.emplace_back(view(c->headers[i].key), view(c->headers[i].value));
      }
      (*on_response)(std::move(response));
    });
  }
  std::unique_ptr<State> state_;
};

}  // namespace mcpr::sdk
