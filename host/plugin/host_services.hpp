// What the router lends to all plugins. Made once by the composition root; must outlive every source and balancer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/net/blocking_pool.hpp"
#include "host/net/loop.hpp"
#include "host/util/unique_function.hpp"

namespace mcpr::plugin {

struct FetchRequest {
  std::string method;
  std::string url;
  std::string body;
  std::string ca_file;  // PEM; empty: the system's
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{0};  // 0: the default
};

struct FetchResult {
  enum class Failure : std::uint8_t { none, invalid, unreachable, timeout };
  Failure failure = Failure::none;  // none: an answer came, whatever its code
  std::string error;
  std::uint32_t code = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

// The pooled HTTP client that plugins use. Control thread only.
class HttpFetcher {
 public:
  virtual ~HttpFetcher() = default;
  // Calls back once, never inside fetch(). The handle is never 0.
  virtual std::uint64_t fetch(FetchRequest request, UniqueFunction<void(FetchResult)> on_result) = 0;
  virtual void cancel(std::uint64_t handle) = 0;  // it does not call back any more; nothing where it has
};

// A value that a plugin measures. [any]
struct MetricUpdate {
  bool gauge;  // the value replaces; else it is added
  std::string_view source;
  std::string_view name;
  std::string_view help;
  double value;
};

using LogSink = std::function<void(int level, const std::string& source, std::string_view text)>;  // [any]; MCPR_LOG_*
using MetricSink = std::function<void(const MetricUpdate&)>;                                       // [any]

class HostServices {
 public:
  struct Options {
    LogSink log;
    HttpFetcher* http = nullptr;  // null: plugins are told that there is no client
    MetricSink metric;
    std::string version;                         // of the router
    std::chrono::milliseconds slow_call{1'000};  // calls of a plugin that take longer are logged
  };
  HostServices(net::Loop& control, net::BlockingPool& pool, Options options)
      : control_(control), pool_(pool), options_(std::move(options)) {}
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  net::Loop& control() { return control_; }
  net::BlockingPool& pool() { return pool_; }
  HttpFetcher* http() { return options_.http; }
  const std::string& version() const { return options_.version; }
  std::chrono::milliseconds slow_call() const { return options_.slow_call; }
  void log(int level, const std::string& source, std::string_view text) const {
    if (options_.log) options_.log(level, source, text);
  }
  void metric(const MetricUpdate& update) const {
    if (options_.metric) options_.metric(update);
  }

 private:
  net::Loop& control_;
  net::BlockingPool& pool_;
  Options options_;
};

}  // namespace mcpr::plugin
