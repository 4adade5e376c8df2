// After a loss of the connection, instances that Nacos does not name yet are kept for a while: when Nacos itself was
// away it has forgotten them, and their own programs have to find it again and register anew. One thread.
#pragma once

#include <algorithm>
#include <functional>
#include <mcpr/service.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "agenda.hpp"

namespace mcpr::nacos {

class Grace {
 public:
  Grace(Agenda& agenda, Agenda::Millis length, std::function<void(sdk::Service)> put)
      : length_(length), put_(std::move(put)), over_(agenda, [this] { end(); }) {}

  // shown: what was put last, or null.
  void lost(const sdk::Service* shown) {
    over_.cancel();
    latest_.reset();
    if (shown) kept_ = shown->instances;
  }

  // What is known now. The time begins with the first that comes after a loss, however long Nacos was away.
  void show(sdk::Service service) {
    std::erase_if(kept_, [&](const sdk::Instance& kept) { return named(service.instances, kept); });
    if (kept_.empty()) return forget(), put_(std::move(service));
    if (!over_.set()) over_.after(length_);
    latest_ = service;
    service.instances.insert(service.instances.end(), kept_.begin(), kept_.end());
    put_(std::move(service));
  }

  void forget() {
    over_.cancel();
    latest_.reset();
    kept_.clear();
  }

 private:
  static bool named(const std::vector<sdk::Instance>& instances, const sdk::Instance& one) {
    return std::any_of(instances.begin(), instances.end(), [&](const sdk::Instance& at) {
      return at.host == one.host && at.port == one.port && at.path == one.path;
    });
  }
  void end() {
    std::optional<sdk::Service> latest = std::exchange(latest_, {});
    forget();
    if (latest) put_(std::move(*latest));
  }

  Agenda::Millis length_;
  std::function<void(sdk::Service)> put_;
  std::vector<sdk::Instance> kept_;     // shown before the loss, and not named since
  std::optional<sdk::Service> latest_;  // as Nacos names it, while others are kept beside it
  Agenda::Alarm over_;
};

}  // namespace mcpr::nacos
