// A thread's event loop. Everything in net/ belongs to one loop and is used on its thread only, save where [any] is
// said.
#pragma once

#include <chrono>
#include <memory>

#include "host/util/unique_function.hpp"

namespace mcpr::net {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Millis = std::chrono::milliseconds;

class TimerQueue;

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();            // runs on the calling thread until stop(); may be called again after that
  void stop();           // [any] what was posted before is still run
  void post(Task task);  // [any] runs the task on the loop's thread, in the order of posting
  bool in_loop() const;  // [any] true on the thread that is inside run()
  TimePoint now() const { return Clock::now(); }

  TimerQueue& timers();
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcpr::net
