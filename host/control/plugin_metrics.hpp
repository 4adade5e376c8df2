// What plugins measure, kept for the admin listener. [any]
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/metrics/exposition.hpp"
#include "host/plugin/host_services.hpp"

namespace mcpr::control {

class PluginMetrics {
 public:
  static constexpr std::size_t kMost = 1'000;  // further names are not taken: a plugin must not fill the memory

  void take(const plugin::MetricUpdate& update);
  std::vector<metrics::Gauge> gauges() const;  // mcp_router_plugin_<name>{source="..."}

 private:
  struct Value {
    std::string help;
    double value = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Value> values_;  // by name and source
};

}  // namespace mcpr::control
