#include "host/control/data_plane.hpp"

#include <pthread.h>

#include <functional>

#include "host/route/session_end.hpp"

namespace mcpr::control {

namespace {
constexpr net::Millis kDrainCheck{20};
}

DataPlane::DataPlane(const DataPlaneOptions& options, net::BlockingPool& blocking, const server::HealthState& health)
    : shared_(options.max_sessions) {
  for (unsigned i = 0; i < options.threads; ++i) {
    threads_.push_back(std::make_unique<Thread>(i, shared_, blocking, options, health));
    shared_.workers.push_back(&threads_.back()->worker);
  }
}

DataPlane::~DataPlane() { stop(); }

void DataPlane::start(const net::Address& at) {
  const std::vector<int> listeners = net::open_listeners(at, static_cast<unsigned>(threads_.size()));
  port_ = net::local_address(listeners.front()).port();
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    Thread& thread = *threads_[i];
    thread.server.listen(listeners[i]);
    thread.worker.every_second = [&thread, ticks = 0u]() mutable {
      thread.worker.cells.set_connections(thread.server.connections(), thread.worker.origins.connections());
      // One thread looks for sessions that have gone idle; a few seconds late does not matter.
      if (++ticks % 5 != 0) return;
      if (thread.worker.index == 0) route::expire_sessions(thread.worker);
      thread.worker.origins.prune();
    };
    thread.worker.start();
  }
  for (const auto& at_thread : threads_) {
    Thread& thread = *at_thread;
    thread.thread = std::thread([&thread] { thread.worker.loop.run(); });
    const std::string name = "data-" + std::to_string(thread.worker.index);
    pthread_setname_np(thread.thread.native_handle(), name.c_str());
  }
}

void DataPlane::apply(upstream::DirectoryPtr directory, upstream::BalancersPtr balancers, Task applied) {
  // The last thread to have taken it calls.
  struct Waiting {
    std::atomic<std::size_t> left;
    Task applied;
  };
  auto waiting = std::make_shared<Waiting>(threads_.size(), std::move(applied));
  for (const auto& thread : threads_) {
    thread->worker.loop.post([thread = thread.get(), directory, balancers, waiting] {
      thread->worker.apply(directory, balancers);
      if (waiting->left.fetch_sub(1) == 1) waiting->applied();
    });
  }
}

void DataPlane::set_options(const DataPlaneOptions& options) {
  shared_.sessions.set_most(options.max_sessions);
  for (const auto& thread : threads_) {
    thread->worker.loop.post([thread = thread.get(), options] {
      thread->worker.options = options.route;
      thread->worker.origins.set_options(options.pool);
      thread->front.set_options(options.front);
      thread->server.set_options(options.http);
    });
  }
}

void DataPlane::announce_drain() {
  shared_.draining = true;
  for (const auto& thread : threads_) {
    thread->worker.loop.post([thread = thread.get()] { thread->server.say_close(); });
  }
}

void DataPlane::drain(UniqueFunction<void()> drained) {
  shared_.draining = true;
  // The last thread to be empty calls.
  auto left = std::make_shared<std::atomic<std::size_t>>(threads_.size());
  auto callback = std::make_shared<UniqueFunction<void()>>(std::move(drained));
  const auto done = std::make_shared<std::function<void()>>([left, callback] {
    if (left->fetch_sub(1) == 1) (*callback)();
  });
  for (const auto& thread : threads_) {
    thread->worker.loop.post([thread = thread.get(), done] {
      thread->server.drain();
      thread->worker.home.close_all("the router is shutting down");
      while (!thread->worker.streams.empty()) {
        const auto first = thread->worker.streams.begin();
        route::SessionStream* stream = first->second;
        thread->worker.streams.erase(first);
        stream->close_stream();
      }
      thread->worker.tools.close();
      thread->drained = done;
      thread->check_drained();
    });
  }
}

void DataPlane::Thread::check_drained() {
  if (server.connections() == 0) {
    if (const auto done = std::exchange(drained, nullptr)) (*done)();
    return;
  }
  drain_timer.arm(kDrainCheck);
}

void DataPlane::stop() {
  for (const auto& thread : threads_) {
    if (!thread->thread.joinable()) continue;
    thread->worker.loop.stop();
    thread->thread.join();
  }
}

std::vector<const metrics::Cells*> DataPlane::cells() const {
  std::vector<const metrics::Cells*> out;
  for (const auto& thread : threads_) out.push_back(&thread->worker.cells);
  return out;
}

}  // namespace mcpr::control
