// Work that blocks, one piece after the other on the host's pool.
#pragma once

#include <deque>
#include <functional>
#include <mcpr/sdk.hpp>
#include <utility>

namespace mcpr::sqlite {

// Used on the control thread. Destroyed only when it is idle.
class Strand {
 public:
  explicit Strand(sdk::Host host) : host_(host), retry_(host, [this] { next(); }) {}

  // Runs work on the pool and then, where it is given, `then` on the control thread.
  void run(std::function<void()> work, std::function<void()> then = {}) {
    queue_.push_back({std::move(work), std::move(then)});
    next();
  }
  // Calls back once nothing is queued or running; at once where that is so.
  void when_idle(std::function<void()> call) {
    on_idle_ = std::move(call);
    next();
  }

 private:
  static constexpr std::uint64_t kRetryMs = 100;  // the pool takes nothing
  struct Job {
    std::function<void()> work, then;
  };

  void next() {
    if (running_) return;
    if (queue_.empty()) {
      if (on_idle_) std::exchange(on_idle_, nullptr)();
      return;
    }
    // The job stays where it is until it is done, whatever is queued behind it.
    running_ = host_.run_blocking([this, job = &queue_.front()] {
      host_.run(job->work);
      host_.post([this] { done(); });  // false: the host is stopping, and nobody waits for the rest
    });
    if (!running_) retry_.once(kRetryMs);
  }

  void done() {
    const std::function<void()> then = std::move(queue_.front().then);
    queue_.pop_front();
    running_ = false;
    if (then) host_.run(then);
    next();
  }

  sdk::Host host_;
  std::deque<Job> queue_;  // the first one may be running
  bool running_ = false;
  std::function<void()> on_idle_;
  sdk::Timer retry_;
};

}  // namespace mcpr::sqlite
