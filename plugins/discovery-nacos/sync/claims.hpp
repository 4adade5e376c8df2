// The naming services that belong to MCP servers of the registry, so that they are not published a second time under
// their own names. One thread.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "model/names.hpp"

namespace mcpr::nacos {

class Claims {
 public:
  explicit Claims(std::function<void(const ServiceKey&)> on_change) : on_change_(std::move(on_change)) {}

  void change(std::set<ServiceKey>& held, std::set<ServiceKey> wanted) {
    const std::set<ServiceKey> before = std::exchange(held, std::move(wanted));
    for (const ServiceKey& key : held) {
      if (before.count(key) == 0 && ++counts_[key] == 1) on_change_(key);
    }
    for (const ServiceKey& key : before) {
      if (held.count(key) > 0 || --counts_[key] > 0) continue;
      counts_.erase(key);
      on_change_(key);
    }
  }
  bool has(const ServiceKey& key) const { return counts_.count(key) > 0; }

 private:
  std::function<void(const ServiceKey&)> on_change_;
  std::map<ServiceKey, int> counts_;
};

}  // namespace mcpr::nacos
