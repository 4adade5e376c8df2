#include "host/plugin/host_table.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "host/plugin/abi.hpp"
#include "host/plugin/plugin_call.hpp"

namespace mcpr::plugin {

namespace {

constexpr std::uint32_t kHttpRequestSize = 88;  // at ABI 1.0
constexpr std::uint64_t kLongestMs = std::uint64_t{1'000} * 60 * 60 * 24 * 365;

net::Millis millis(std::uint64_t ms) { return net::Millis(static_cast<std::int64_t>(std::min(ms, kLongestMs))); }

static_assert(int{net::fd_read} == MCPR_FD_READ && int{net::fd_write} == MCPR_FD_WRITE);

mcpr_status status_of(FetchResult::Failure failure) {
  switch (failure) {
    case FetchResult::Failure::none: return MCPR_OK;
    case FetchResult::Failure::invalid: return MCPR_E_INVALID;
    case FetchResult::Failure::unreachable: return MCPR_E_UNAVAILABLE;
    case FetchResult::Failure::timeout: return MCPR_E_TIMEOUT;
  }
  return MCPR_E_INTERNAL;
}

void write_error(mcpr_err* err, std::string_view text) {
  if (!err || !err->buf) return;
  text = cut_text(text, err->cap);
  err->size = text.size();
  if (err->size) std::memcpy(err->buf, text.data(), err->size);
}

}  // namespace

std::shared_ptr<HostTable> HostTable::make(HostServices& services, std::string source) {
  return std::shared_ptr<HostTable>(new HostTable(services, std::move(source)));
}

HostTable::HostTable(HostServices& services, std::string source) : services_(services), source_(std::move(source)) {
  table_.struct_size = sizeof table_;
  table_.abi_minor = MCPR_ABI_MINOR;
  table_.ctx = this;
  table_.version = services_.version().c_str();
  table_.source_name = source_.c_str();
  table_.log = [](void* ctx, std::int32_t level, mcpr_str text) {
    of(ctx).services_.log(std::clamp(level, std::int32_t{MCPR_LOG_TRACE}, std::int32_t{MCPR_LOG_ERROR}),
                          of(ctx).source_, view(text));
  };
  table_.post = [](void* ctx, mcpr_task_fn fn, void* arg) { return of(ctx).post(fn, arg); };
  table_.run_blocking = [](void* ctx, mcpr_task_fn fn, void* arg) { return of(ctx).run_blocking(fn, arg); };
  table_.timer = [](void* ctx, std::uint64_t first, std::uint64_t period, mcpr_task_fn fn, void* arg) {
    return of(ctx).timer(first, period, fn, arg);
  };
  table_.timer_cancel = [](void* ctx, std::uint64_t handle) {
    if (of(ctx).on_control("timer_cancel")) of(ctx).timers_.erase(handle);
  };
  table_.fd_watch = [](void* ctx, int fd, std::uint32_t events, mcpr_fd_fn fn, void* arg) {
    return of(ctx).fd_watch(fd, events, fn, arg);
  };
  table_.fd_cancel = [](void* ctx, std::uint64_t handle) {
    if (of(ctx).on_control("fd_cancel")) of(ctx).watches_.erase(handle);
  };
  table_.http = [](void* ctx, const mcpr_http_request* request, mcpr_http_fn fn, void* arg, mcpr_err* err) {
    return of(ctx).http(request, fn, arg, err);
  };
  table_.http_cancel = [](void* ctx, std::uint64_t handle) { of(ctx).http_cancel(handle); };
  table_.metric = [](void* ctx, std::int32_t kind, mcpr_str name, mcpr_str help, double value) {
    of(ctx).services_.metric({kind == MCPR_METRIC_GAUGE, of(ctx).source_, view(name), view(help), value});
  };
  table_.get_extension = [](void*, const char*) -> const void* { return nullptr; };  // this ABI minor has none
}

bool HostTable::on_control(const char* function) {
  if (services_.control().in_loop()) return true;
  services_.log(MCPR_LOG_ERROR, source_,
                std::string("the plugin called ") + function + " on a thread that is not the control thread; ignored");
  return false;
}

// A task counts before it is known whether it is still wanted, so that close() cannot overlook it.
bool HostTable::begin_task() {
  tasks_.fetch_add(1);
  if (!closed_.load()) return true;
  end_task();
  return false;
}

void HostTable::end_task() {
  // A late begin_task() may pass zero a second time.
  if (tasks_.fetch_sub(1) != 1 || idle_.exchange(true)) return;
  services_.control().post([self = shared_from_this(), on_idle = std::move(on_idle_)]() mutable { on_idle(); });
}

void HostTable::close(Task on_idle) {
  closed_.store(true);
  timers_.clear();
  watches_.clear();
  while (!fetches_.empty()) http_cancel(fetches_.begin()->first);
  on_idle_ = std::move(on_idle);
  end_task();
}

mcpr_status HostTable::post(mcpr_task_fn fn, void* arg) {
  if (!fn) return MCPR_E_INVALID;
  if (!begin_task()) return MCPR_E_UNAVAILABLE;
  services_.control().post([self = shared_from_this(), fn, arg] {
    run_plugin(self->services_, self->source_, "a posted task", [&] { fn(arg); });
    self->end_task();
  });
  return MCPR_OK;
}

mcpr_status HostTable::run_blocking(mcpr_task_fn fn, void* arg) {
  if (!fn) return MCPR_E_INVALID;
  if (!begin_task()) return MCPR_E_UNAVAILABLE;
  const bool taken = services_.pool().run([self = shared_from_this(), fn, arg] {
    try {
      fn(arg);
    } catch (...) {
      self->services_.log(MCPR_LOG_ERROR, self->source_, "a blocking task threw an exception");
    }
    self->end_task();
  });
  if (taken) return MCPR_OK;
  end_task();
  return MCPR_E_UNAVAILABLE;
}

std::uint64_t HostTable::timer(std::uint64_t first_ms, std::uint64_t period_ms, mcpr_task_fn fn, void* arg) {
  if (!fn || !on_control("timer") || closed_.load()) return 0;
  const std::uint64_t handle = ++last_handle_;
  auto made = std::make_unique<net::Timer>(services_.control(), [this, handle, period_ms, fn, arg] {
    // The callback may close this table or cancel the timer, which destroys this lambda's owner but not this frame.
    const auto self = shared_from_this();
    const std::uint64_t name = handle;
    if (period_ms) {
      self->timers_.at(name)->arm(millis(period_ms));
    } else {
      self->timers_.erase(name);
    }
    run_plugin(self->services_, self->source_, "a timer", [&] { fn(arg); });
  });
  made->arm(millis(first_ms));
  timers_.emplace(handle, std::move(made));
  return handle;
}

std::uint64_t HostTable::fd_watch(int fd, std::uint32_t events, mcpr_fd_fn fn, void* arg) {
  if (!fn || fd < 0 || !on_control("fd_watch") || closed_.load()) return 0;
  const std::uint64_t handle = ++last_handle_;
  try {
    watches_.emplace(handle, std::make_unique<net::FdWatch>(
                                 services_.control(), fd, events, [this, fd, fn, arg](std::uint32_t ready) {
                                   const auto self = shared_from_this();
                                   run_plugin(self->services_, self->source_, "a watch", [&] { fn(arg, fd, ready); });
                                 }));
  } catch (const std::exception& failure) {  // epoll does not take this kind of descriptor
    services_.log(MCPR_LOG_ERROR, source_, std::string("fd_watch: ") + failure.what());
    return 0;
  }
  return handle;
}

std::uint64_t HostTable::http(const mcpr_http_request* raw, mcpr_http_fn fn, void* arg, mcpr_err* err) {
  const auto refuse = [err](std::string_view text) {
    write_error(err, text);
    return std::uint64_t{0};
  };
  if (!raw || !fn) return refuse("http: no request or no callback");
  if (!on_control("http")) return refuse("http: called on a thread that is not the control thread");
  if (closed_.load()) return refuse("http: the instance is stopping");
  if (!services_.http()) return refuse("http: this host has no HTTP client");
  if (!fits(raw->struct_size, kHttpRequestSize)) return refuse("http: the request's struct_size makes no sense");
  const mcpr_http_request from = whole(raw);
  FetchRequest request;
  request.method = view(from.method);
  request.url = view(from.url);
  request.body = view(from.body);
  request.ca_file = view(from.ca_file);
  request.timeout = millis(from.timeout_ms);
  for (std::uint32_t i = 0; i < from.headers_n; ++i) {
    request.headers.emplace_back(view(from.headers[i].key), view(from.headers[i].value));
  }
  const std::uint64_t handle = ++last_handle_;
  fetches_[handle] = services_.http()->fetch(std::move(request), [this, handle, fn, arg](FetchResult result) {
    http_done(handle, std::move(result), fn, arg);
  });
  return handle;
}

void HostTable::http_cancel(std::uint64_t handle) {
  if (!on_control("http_cancel")) return;
  const auto found = fetches_.find(handle);
  if (found == fetches_.end()) return;
  const std::uint64_t theirs = found->second;
  fetches_.erase(found);
  services_.http()->cancel(theirs);
}

void HostTable::http_done(std::uint64_t handle, FetchResult result, mcpr_http_fn fn, void* arg) {
  if (fetches_.erase(handle) == 0) return;
  const auto self = shared_from_this();
  std::vector<mcpr_kv> headers;
  for (const auto& [name, value] : result.headers) headers.push_back({str(name), str(value)});
  mcpr_http_response response{};
  response.struct_size = sizeof response;
  response.result = status_of(result.failure);
  response.code = result.code;
  response.headers = headers.data();
  response.headers_n = static_cast<std::uint32_t>(headers.size());
  response.body = str(result.body);
  response.error = str(result.error);
  run_plugin(services_, source_, "an HTTP callback", [&] { fn(arg, &response); });
}

}  // namespace mcpr::plugin
