// A host as the plugin contract describes it, small enough to see through: one control thread (the test's), a pool of
// one thread, timers and descriptors in a poll loop, HTTP answered by the test. Loads a real plugin, or lends its table
// to parts of one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mcpr/sdk.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mcpr {

class FakeHost {
 public:
  explicit FakeHost(const char* plugin_file = nullptr);
  ~FakeHost();  // stops and destroys what runs
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // The text of the error, empty where it could be made and started.
  std::string start(const std::string& config_json);
  void stop();
  // Runs the control thread until the condition holds; false after ten seconds.
  bool run_until(const std::function<bool()>& condition);
  // Runs it until nothing is due or queued and the pool is idle: what was to happen has happened.
  void settle();

  const mcpr_plugin& manifest() const { return *manifest_; }
  sdk::Host host() const { return sdk::Host(&host_); }

  // Answers of the source. Ten seconds without one are a failure of the test.
  struct Outcome {
    bool done = false;
    mcpr_status status = MCPR_E_INTERNAL;
    std::optional<sdk::Service> service;
    std::string error;
  };
  Outcome lookup(const std::string& name);
  Outcome announce(const sdk::Service& service, bool up);

  // What the plugin said.
  struct Published {
    sdk::Service service;
    std::uint64_t revision = 0;
  };
  std::map<std::string, Published> services;
  std::vector<std::string> events;  // "+name", "-name", in order
  std::vector<std::string> log;     // "W text"
  bool synced = false;
  std::int32_t health = MCPR_HEALTH_STARTING;
  std::string health_text;
  bool no_pool = false;  // the pool says that it is full

  // Answers a request, on the control thread; nothing: it is never answered. Not set: this host has no HTTP client.
  std::function<std::optional<sdk::HttpResponse>(const sdk::HttpRequest&)> on_http;
  std::size_t unanswered() const { return requests_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Timer {
    Clock::time_point at;
    std::uint64_t period_ms;
    mcpr_task_fn fn;
    void* arg;
  };
  struct Watch {
    int fd;
    std::uint32_t events;
    mcpr_fd_fn fn;
    void* arg;
  };
  using Task = std::pair<mcpr_task_fn, void*>;

  void fill_tables();
  void fill_http();
  void fill_sink();
  bool turn(int wait_ms);  // one round of the loop; true where anything ran
  void pool();

  void* library_ = nullptr;
  const mcpr_plugin* manifest_ = nullptr;
  const mcpr_discovery* discovery_ = nullptr;
  mcpr_host host_{};
  mcpr_discovery_sink sink_{};
  struct Request {
    mcpr_http_fn fn;
    void* arg;
  };
  void answer(std::uint64_t handle, const sdk::HttpResponse& response);

  std::uint64_t next_handle_ = 1;
  std::map<std::uint64_t, Timer> timers_;
  std::map<std::uint64_t, Watch> watches_;
  std::map<std::uint64_t, Request> requests_;

  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::deque<Task> posted_;
  std::deque<Task> blocking_;
  bool pool_busy_ = false;
  bool pool_ends_ = false;
  int wake_pipe_[2] = {-1, -1};
  std::thread pool_thread_;
};

}  // namespace mcpr
