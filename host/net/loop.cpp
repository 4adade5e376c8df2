#include "host/net/loop.hpp"

#include <boost/asio/post.hpp>

#include "host/net/asio_loop.hpp"

namespace mcpr::net {

Loop::Impl::Impl(Loop&) : timers([this](TimePoint when) { rearm(when); }) {}

void Loop::Impl::rearm(TimePoint when) {
  if (when >= system_deadline) return;
  system_deadline = when;
  system_timer.expires_at(when);
  system_timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
}

void Loop::Impl::on_timer() {
  timers.fire(Clock::now());
  system_deadline = TimePoint::max();
  if (!timers.empty()) rearm(timers.next());
}

Loop::Loop() : impl_(std::make_unique<Impl>(*this)) {}
Loop::~Loop() = default;

void Loop::run() {
  impl_->thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  impl_->context.restart();
  impl_->context.run();
  impl_->thread.store({}, std::memory_order_relaxed);
}

void Loop::stop() {
  asio::post(impl_->context, [this] { impl_->context.stop(); });
}

void Loop::post(Task task) { asio::post(impl_->context, std::move(task)); }

bool Loop::in_loop() const { return impl_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

TimerQueue& Loop::timers() { return impl_->timers; }

}  // namespace mcpr::net
