#include "host/net/timer.hpp"

#include <utility>

namespace mcpr::net {

void Timer::arm_at(TimePoint when) {
  if (armed()) queue_.remove(*this);
  when_ = when;
  queue_.add(*this);
}

void Timer::cancel() {
  if (armed()) queue_.remove(*this);
}

// The callback may destroy the timer, so it is called from this frame and put back only if the timer still lives.
void Timer::fire() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  Task callback = std::move(on_fire_);
  callback();
  if (destroyed) return;
  destroyed_ = nullptr;
  on_fire_ = std::move(callback);
}

void TimerQueue::place(std::size_t i, Timer* timer) {
  heap_[i] = timer;
  timer->index_ = i;
}

void TimerQueue::up(std::size_t i) {
  Timer* timer = heap_[i];
  while (i > 0) {
    const std::size_t parent = (i - 1) / 2;
    if (heap_[parent]->when_ <= timer->when_) break;
    place(i, heap_[parent]);
    i = parent;
  }
  place(i, timer);
}

void TimerQueue::down(std::size_t i) {
  Timer* timer = heap_[i];
  for (;;) {
    std::size_t child = 2 * i + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ < heap_[child]->when_) ++child;
    if (timer->when_ <= heap_[child]->when_) break;
    place(i, heap_[child]);
    i = child;
  }
  place(i, timer);
}

void TimerQueue::add(Timer& timer) {
  heap_.push_back(&timer);
  timer.index_ = heap_.size() - 1;
  up(timer.index_);
  if (timer.index_ == 0) on_earlier_(timer.when_);
}

void TimerQueue::remove(Timer& timer) {
  const std::size_t i = std::exchange(timer.index_, Timer::kIdle);
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(i, last);
  up(i);
  down(last->index_);
}

void TimerQueue::fire(TimePoint now) {
  while (!heap_.empty() && heap_.front()->when_ <= now) {
    Timer& due = *heap_.front();
    remove(due);
    due.fire();
  }
}

}  // namespace mcpr::net
