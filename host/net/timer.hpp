// One-shot timers of a loop: an intrusive heap above a single system timer, because most time-outs are cancelled, not
// fired.
#pragma once

#include <cstddef>
#include <vector>

#include "host/net/loop.hpp"

namespace mcpr::net {

// Fires its callback once on the loop's thread; destroying or cancelling it first guarantees that it does not fire.
// The callback may destroy the timer or arm it again.
class Timer {
 public:
  Timer(Loop& loop, Task on_fire) : queue_(loop.timers()), on_fire_(std::move(on_fire)) {}
  ~Timer() {
    cancel();
    if (destroyed_) *destroyed_ = true;
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void arm(Millis delay) { arm_at(Clock::now() + delay); }
  void arm_at(TimePoint when);  // replaces an earlier arming
  void cancel();
  bool armed() const { return index_ != kIdle; }

 private:
  friend class TimerQueue;
  void fire();
  static constexpr std::size_t kIdle = static_cast<std::size_t>(-1);
  TimerQueue& queue_;
  Task on_fire_;
  TimePoint when_{};
  std::size_t index_ = kIdle;
  bool* destroyed_ = nullptr;  // while firing: tells fire() that the callback destroyed the timer
};

// The heap itself, without any I/O: the loop asks for the next deadline and calls fire(). Tested without a clock.
class TimerQueue {
 public:
  explicit TimerQueue(UniqueFunction<void(TimePoint)> on_earlier) : on_earlier_(std::move(on_earlier)) {}
  bool empty() const { return heap_.empty(); }
  TimePoint next() const { return heap_.front()->when_; }  // not when empty
  void fire(TimePoint now);                                // runs all that are due

 private:
  friend class Timer;
  void add(Timer& timer);
  void remove(Timer& timer);
  void up(std::size_t i);
  void down(std::size_t i);
  void place(std::size_t i, Timer* timer);

  std::vector<Timer*> heap_;
  UniqueFunction<void(TimePoint)> on_earlier_;  // called when a new earliest deadline appears
};

}  // namespace mcpr::net
