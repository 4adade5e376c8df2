// The mcpr_host of one instance of a plugin: what it asked for and has not got back yet.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "host/net/fd_watch.hpp"
#include "host/net/timer.hpp"
#include "host/plugin/host_services.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Held by its instance and by the tasks under way. The functions of the table check their thread and refuse, with a
// line in the log, what is called on the wrong one.
class HostTable : public std::enable_shared_from_this<HostTable> {
 public:
  static std::shared_ptr<HostTable> make(HostServices& services, std::string source);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;

  const mcpr_host* c() const { return &table_; }
  HostServices& services() { return services_; }
  const std::string& source() const { return source_; }

  // [control] Nothing new is taken; timers, watches and requests end. Then, once the tasks that were taken before have
  // run, calls back on the control thread, never inside close().
  void close(Task on_idle);

 private:
  HostTable(HostServices& services, std::string source);
  static HostTable& of(void* ctx) { return *static_cast<HostTable*>(ctx); }
  bool on_control(const char* function);  // false, with a line in the log
  bool begin_task();
  void end_task();
  mcpr_status post(mcpr_task_fn fn, void* arg);
  mcpr_status run_blocking(mcpr_task_fn fn, void* arg);
  std::uint64_t timer(std::uint64_t first_ms, std::uint64_t period_ms, mcpr_task_fn fn, void* arg);
  std::uint64_t fd_watch(int fd, std::uint32_t events, mcpr_fd_fn fn, void* arg);
  std::uint64_t http(const mcpr_http_request* request, mcpr_http_fn fn, void* arg, mcpr_err* err);
  void http_cancel(std::uint64_t handle);
  void http_done(std::uint64_t handle, FetchResult result, mcpr_http_fn fn, void* arg);

  HostServices& services_;
  const std::string source_;
  mcpr_host table_{};
  std::uint64_t last_handle_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::Timer>> timers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::FdWatch>> watches_;
  std::unordered_map<std::uint64_t, std::uint64_t> fetches_;  // our handle -> the fetcher's
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> tasks_{1};  // taken and not finished; 1 more until close()
  std::atomic<bool> idle_{false};        // close() was called and the last task has ended
  Task on_idle_;
};

}  // namespace mcpr::plugin
