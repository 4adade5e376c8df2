// Things to do later, without a clock of its own: whoever owns it asks when the next one is due and calls run. One
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace mcpr::nacos {

class Agenda {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Millis = std::chrono::milliseconds;

  // on_change: the time of the next entry is another one.
  explicit Agenda(
      std::function<Time()> now, std::function<void()> on_change = [] {})
      : now_(std::move(now)), on_change_(std::move(on_change)) {}
  Agenda(const Agenda&) = delete;
  Agenda& operator=(const Agenda&) = delete;

  Time now() const { return now_(); }
  std::optional<Time> next() const;
  void run();  // all that is due now, in order

  // One entry, off until it is set. Its task may set it again or destroy it.
  class Alarm {
   public:
    Alarm(Agenda& agenda, std::function<void()> task)
        : agenda_(&agenda), task_(std::make_shared<std::function<void()>>(std::move(task))) {}
    ~Alarm() { cancel(); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    void after(Millis delay);   // replaces an earlier setting
    void sooner(Millis delay);  // the same, but never later than what is set
    void cancel();
    bool set() const { return entry_.has_value(); }

   private:
    friend class Agenda;
    using Entry = std::pair<Time, std::uint64_t>;
    Agenda* agenda_;
    std::shared_ptr<std::function<void()>> task_;  // shared: the task may destroy the alarm
    std::optional<Entry> entry_;
  };

 private:
  std::function<Time()> now_;
  std::function<void()> on_change_;
  std::map<Alarm::Entry, Alarm*> entries_;
  std::uint64_t count_ = 0;
};

// Waits that grow from failure to failure.
class Backoff {
 public:
  using Millis = std::chrono::milliseconds;
  Backoff(Millis first, Millis last) : first_(first), last_(last), next_(first) {}
  Millis failed() { return std::exchange(next_, std::min(next_ * 2, last_)); }
  void succeeded() { next_ = first_; }

 private:
  Millis first_, last_, next_;
};

}  // namespace mcpr::nacos
