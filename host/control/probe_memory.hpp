// Which bytes were found good with which configurations. In memory only: a verdict is worth nothing any more when the
// libraries that a plugin needs have changed, and a router that starts does not probe.
#pragma once

#include <algorithm>
#include <list>
#include <string>

#include "host/plugin/probe_dialogue.hpp"

namespace mcpr::control {

class ProbeMemory {
 public:
  struct Good {
    std::string hash;
    std::string sources;  // ProbeDialogue::answer() of what was tried
    plugin::PluginInfo manifest;
    plugin::ProbeResult result;
  };
  static constexpr std::size_t kMost = 64;

  void keep(Good good) {
    goods_.push_front(std::move(good));
    if (goods_.size() > kMost) goods_.pop_back();
  }
  // The latest of these bytes; null: there is none.
  const Good* find(const std::string& hash) const {
    const auto at = std::find_if(goods_.begin(), goods_.end(), [&](const Good& good) { return good.hash == hash; });
    return at == goods_.end() ? nullptr : &*at;
  }

 private:
  std::list<Good> goods_;  // the latest first
};

}  // namespace mcpr::control
