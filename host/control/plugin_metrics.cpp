#include "host/control/plugin_metrics.hpp"

namespace mcpr::control {

void PluginMetrics::take(const plugin::MetricUpdate& update) {
  std::string name = "mcp_router_plugin_";
  for (const char c : update.name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    name.push_back(plain ? c : '_');
  }
  const std::lock_guard lock(mutex_);
  std::pair<std::string, std::string> key(std::move(name), update.source);
  if (values_.size() >= kMost && !values_.contains(key)) return;
  Value& at = values_[std::move(key)];
  at.help = update.help;
  at.value = update.gauge ? update.value : at.value + update.value;
}

std::vector<metrics::Gauge> PluginMetrics::gauges() const {
  std::vector<metrics::Gauge> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, value] : values_)
    out.push_back({key.first, value.help, value.value, {{"source", key.second}}});
  return out;
}

}  // namespace mcpr::control
