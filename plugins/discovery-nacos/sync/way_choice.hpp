// Chooses between push and poll: push whenever gRPC is connected; poll where it is not had for a while. One thread.
#pragma once

#include <functional>
#include <utility>

#include "agenda.hpp"
#include "options.hpp"
#include "way.hpp"

namespace mcpr::nacos {

class WayChoice {
 public:
  WayChoice(Agenda& agenda, bool can_push, std::function<void(Way)> use)
      : can_push_(can_push), use_(std::move(use)), wait_(agenda, [this] { choose(Way::poll); }) {}

  void start() { can_push_ ? wait_.after(kFirstWait) : wait_.after(Millis(0)); }
  void connected() {
    wait_.cancel();
    way_ = Way::none;  // a new connection knows nothing, also where the loss of the old one was not told
    choose(Way::push);
  }
  void lost() {
    if (way_ != Way::push) return;
    choose(Way::none);
    wait_.after(kWait);
  }
  // What was asked for may be answered otherwise now.
  void again() {
    if (const Way way = std::exchange(way_, Way::none); way != Way::none) choose(way);
  }
  void stop() {
    wait_.cancel();
    choose(Way::none);
  }
  Way way() const { return way_; }

 private:
  static constexpr Millis kFirstWait{3'000};
  static constexpr Millis kWait{5'000};

  void choose(Way way) {
    if (way_ == way) return;
    way_ = way;
    use_(way);
  }

  bool can_push_;
  std::function<void(Way)> use_;
  Way way_ = Way::none;
  Agenda::Alarm wait_;
};

}  // namespace mcpr::nacos
