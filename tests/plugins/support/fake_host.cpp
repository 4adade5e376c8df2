#include "fake_host.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace mcpr {
namespace {

sdk::Service service_from(const mcpr_service& from) {
  sdk::Service to;
  to.name = sdk::view(from.name);
  to.description = sdk::view(from.description);
  to.version = sdk::view(from.version);
  to.protocol = sdk::view(from.protocol);
  to.lookup = sdk::view(from.lookup);
  to.unroutable = sdk::view(from.unroutable);
  to.options = sdk::view(from.options);
  to.enabled = from.flags & MCPR_SERVICE_ENABLED;
  for (std::uint32_t i = 0; i < from.tags_n; ++i) to.tags.emplace_back(sdk::view(from.tags[i]));
  for (std::uint32_t i = 0; i < from.tools_n; ++i) {
    const mcpr_tool& tool = from.tools[i];
    to.tools.push_back({std::string(sdk::view(tool.name)), std::string(sdk::view(tool.description)),
                        (tool.flags & MCPR_TOOL_ENABLED) != 0});
  }
  for (std::uint32_t i = 0; i < from.metadata_n; ++i) {
    to.metadata.emplace_back(sdk::view(from.metadata[i].key), sdk::view(from.metadata[i].value));
  }
  for (std::uint32_t i = 0; i < from.instances_n; ++i) to.instances.push_back(sdk::instance_from(from.instances[i]));
  return to;
}

FakeHost& of(void* ctx) { return *static_cast<FakeHost*>(ctx); }

mcpr_op* op_of(FakeHost::Outcome& outcome) { return reinterpret_cast<mcpr_op*>(&outcome); }

}  // namespace

FakeHost::FakeHost(const char* plugin_file) {
  if (plugin_file) {
    library_ = ::dlopen(plugin_file, RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::runtime_error(::dlerror());
    manifest_ = static_cast<const mcpr_plugin*>(::dlsym(library_, "mcpr_plugin_abi1"));
    if (!manifest_) throw std::runtime_error("no mcpr_plugin_abi1");
  }
  if (::pipe2(wake_pipe_, O_NONBLOCK | O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  fill_tables();
  fill_http();
  fill_sink();
  pool_thread_ = std::thread([this] { pool(); });
}

FakeHost::~FakeHost() {
  stop();
  {
    const std::lock_guard lock(mutex_);
    pool_ends_ = true;
  }
  wake_.notify_all();
  pool_thread_.join();
  ::close(wake_pipe_[0]);
  ::close(wake_pipe_[1]);
  if (library_) ::dlclose(library_);
}

void FakeHost::fill_tables() {
  host_.struct_size = sizeof host_;
  host_.ctx = this;
  host_.version = "test";
  host_.source_name = "source";
  host_.log = [](void* ctx, std::int32_t level, mcpr_str text) {
    FakeHost& self = of(ctx);
    const std::lock_guard lock(self.mutex_);
    self.log.push_back(std::string(1, "TDIWE"[level]) + " " + std::string(sdk::view(text)));
  };
  host_.post = [](void* ctx, mcpr_task_fn fn, void* arg) -> mcpr_status {
    FakeHost& self = of(ctx);
    const std::lock_guard lock(self.mutex_);
    self.posted_.emplace_back(fn, arg);
    return ::write(self.wake_pipe_[1], "x", 1) < 0 && errno != EAGAIN ? MCPR_E_INTERNAL : MCPR_OK;
  };
  host_.run_blocking = [](void* ctx, mcpr_task_fn fn, void* arg) -> mcpr_status {
    FakeHost& self = of(ctx);
    if (self.no_pool) return MCPR_E_UNAVAILABLE;
    const std::lock_guard lock(self.mutex_);
    self.blocking_.emplace_back(fn, arg);
    self.wake_.notify_all();
    return MCPR_OK;
  };
  host_.timer = [](void* ctx, std::uint64_t first, std::uint64_t period, mcpr_task_fn fn, void* arg) {
    FakeHost& self = of(ctx);
    self.timers_[self.next_handle_] = {Clock::now() + std::chrono::milliseconds(first), period, fn, arg};
    return self.next_handle_++;
  };
  host_.timer_cancel = [](void* ctx, std::uint64_t handle) { of(ctx).timers_.erase(handle); };
  host_.fd_watch = [](void* ctx, int fd, std::uint32_t events, mcpr_fd_fn fn, void* arg) {
    FakeHost& self = of(ctx);
    self.watches_[self.next_handle_] = {fd, events, fn, arg};
    return self.next_handle_++;
  };
  host_.fd_cancel = [](void* ctx, std::uint64_t handle) { of(ctx).watches_.erase(handle); };
  host_.metric = [](void*, std::int32_t, mcpr_str, mcpr_str, double) {};
  host_.get_extension = [](void*, const char*) -> const void* { return nullptr; };
}

void FakeHost::fill_http() {
  host_.http = [](void* ctx, const mcpr_http_request* from, mcpr_http_fn fn, void* arg, mcpr_err* err) {
    FakeHost& self = of(ctx);
    if (!self.on_http) {
      sdk::write_error(err, "this host has no HTTP client");
      return std::uint64_t{0};
    }
    sdk::HttpRequest request;
    request.method = sdk::view(from->method);
    request.url = sdk::view(from->url);
    request.body = sdk::view(from->body);
    request.ca_file = sdk::view(from->ca_file);
    request.timeout_ms = from->timeout_ms;
    for (std::uint32_t i = 0; i < from->headers_n; ++i) {
      request.headers.emplace_back(sdk::view(from->headers[i].key), sdk::view(from->headers[i].value));
    }
    const std::uint64_t handle = self.next_handle_++;
    self.requests_[handle] = {fn, arg};
    self.host().post([&self, handle, request = std::move(request)] {
      if (self.requests_.count(handle) == 0) return;
      if (const auto response = self.on_http(request)) self.answer(handle, *response);
    });
    return handle;
  };
  host_.http_cancel = [](void* ctx, std::uint64_t handle) { of(ctx).requests_.erase(handle); };
}

void FakeHost::answer(std::uint64_t handle, const sdk::HttpResponse& from) {
  const auto at = requests_.find(handle);
  if (at == requests_.end()) return;
  const Request request = at->second;
  requests_.erase(at);
  std::vector<mcpr_kv> headers;
  for (const auto& [name, value] : from.headers) headers.push_back({sdk::str(name), sdk::str(value)});
  mcpr_http_response response{};
  response.struct_size = sizeof response;
  response.result = from.result;
  response.code = from.code;
  response.headers = headers.data();
  response.headers_n = static_cast<std::uint32_t>(headers.size());
  response.body = sdk::str(from.body);
  response.error = sdk::str(from.error);
  request.fn(request.arg, &response);
}

void FakeHost::fill_sink() {
  sink_.struct_size = sizeof sink_;
  sink_.ctx = this;
  sink_.publish = [](void* ctx, const mcpr_service* service) -> mcpr_status {
    FakeHost& self = of(ctx);
    const std::string name(sdk::view(service->name));
    EXPECT_GT(service->revision, self.services[name].revision) << name << ": revisions grow";
    self.services[name] = {service_from(*service), service->revision};
    self.events.push_back("+" + name);
    return MCPR_OK;
  };
  sink_.withdraw = [](void* ctx, mcpr_str name) {
    of(ctx).services.erase(std::string(sdk::view(name)));
    of(ctx).events.push_back("-" + std::string(sdk::view(name)));
  };
  sink_.synced = [](void* ctx) { of(ctx).synced = true; };
  sink_.health = [](void* ctx, std::int32_t state, mcpr_str text) {
    of(ctx).health = state;
    of(ctx).health_text = sdk::view(text);
  };
  sink_.complete = [](void*, mcpr_op* op, mcpr_status status, const mcpr_service* service, mcpr_str error) {
    auto& outcome = *reinterpret_cast<Outcome*>(op);
    EXPECT_FALSE(outcome.done) << "answered twice";
    outcome = {true, status, {}, std::string(sdk::view(error))};
    if (service) outcome.service = service_from(*service);
  };
}

std::string FakeHost::start(const std::string& config_json) {
  const auto* factory = static_cast<const mcpr_discovery_factory*>(manifest_->get_extension(MCPR_EXT_DISCOVERY));
  char text[1024];
  mcpr_err err{text, sizeof text, 0};
  discovery_ = factory->create(&host_, &sink_, sdk::str(config_json), &err);
  if (!discovery_) return std::string(text, err.size);
  if (discovery_->start(discovery_->self, &err) == MCPR_OK) return {};
  discovery_->destroy(discovery_->self);
  discovery_ = nullptr;
  return std::string(text, err.size);
}

void FakeHost::stop() {
  if (!discovery_) return;
  Outcome stopped;
  discovery_->stop(discovery_->self, op_of(stopped));
  EXPECT_TRUE(run_until([&] { return stopped.done; }));
  EXPECT_EQ(stopped.status, MCPR_OK) << stopped.error;
  EXPECT_TRUE(timers_.empty());
  EXPECT_TRUE(watches_.empty());
  EXPECT_TRUE(requests_.empty());
  // What the pool and the queue hold runs before destroy.
  for (bool idle = false; !idle;) {
    turn(1);
    const std::lock_guard lock(mutex_);
    idle = posted_.empty() && blocking_.empty() && !pool_busy_;
  }
  discovery_->destroy(discovery_->self);
  discovery_ = nullptr;
}

FakeHost::Outcome FakeHost::lookup(const std::string& name) {
  Outcome outcome;
  discovery_->lookup(discovery_->self, sdk::str(name), op_of(outcome));
  EXPECT_TRUE(run_until([&] { return outcome.done; }));
  return outcome;
}

FakeHost::Outcome FakeHost::announce(const sdk::Service& service, bool up) {
  Outcome outcome;
  const sdk::ServiceView plain(service);
  discovery_->announce(discovery_->self, plain.c(), up ? 1 : 0, op_of(outcome));
  EXPECT_TRUE(run_until([&] { return outcome.done; }));
  return outcome;
}

bool FakeHost::run_until(const std::function<bool()>& condition) {
  const Clock::time_point end = Clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (Clock::now() > end) return false;
    turn(20);
  }
  return true;
}

void FakeHost::settle() {
  for (;;) {
    const bool ran = turn(0);
    const bool timers =
        std::any_of(timers_.begin(), timers_.end(), [](const auto& t) { return t.second.period_ms == 0; });
    if (timers) turn(10);
    const std::lock_guard lock(mutex_);
    if (!ran && !timers && posted_.empty() && blocking_.empty() && !pool_busy_) return;
  }
}

bool FakeHost::turn(int wait_ms) {
  bool ran = false;
  std::vector<pollfd> fds{{wake_pipe_[0], POLLIN, 0}};
  std::vector<std::uint64_t> handles{0};
  for (const auto& [handle, watch] : watches_) {
    fds.push_back(
        {watch.fd,
         static_cast<short>((watch.events & MCPR_FD_READ ? POLLIN : 0) | (watch.events & MCPR_FD_WRITE ? POLLOUT : 0)),
         0});
    handles.push_back(handle);
  }
  ::poll(fds.data(), fds.size(), wait_ms);
  char buffer[64];
  while (::read(wake_pipe_[0], buffer, sizeof buffer) > 0) {
  }
  for (std::size_t i = 1; i < fds.size(); ++i) {
    const auto watch = watches_.find(handles[i]);
    if (fds[i].revents == 0 || watch == watches_.end()) continue;
    watch->second.fn(watch->second.arg, fds[i].fd, MCPR_FD_READ);
    ran = true;
  }
  std::deque<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (const auto& [fn, arg] : tasks) fn(arg), ran = true;
  std::vector<std::uint64_t> due;
  for (const auto& [handle, timer] : timers_) {
    if (timer.at <= Clock::now()) due.push_back(handle);
  }
  for (std::uint64_t handle : due) {
    const auto at = timers_.find(handle);
    if (at == timers_.end()) continue;
    const Timer timer = at->second;
    if (timer.period_ms == 0) {
      timers_.erase(at);
    } else {
      at->second.at = Clock::now() + std::chrono::milliseconds(timer.period_ms);
    }
    timer.fn(timer.arg);
    ran = true;
  }
  return ran;
}

void FakeHost::pool() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return pool_ends_ || !blocking_.empty(); });
    if (blocking_.empty()) return;
    const Task task = blocking_.front();
    blocking_.pop_front();
    pool_busy_ = true;
    lock.unlock();
    task.first(task.second);
    lock.lock();
    pool_busy_ = false;
  }
}

}  // namespace mcpr
