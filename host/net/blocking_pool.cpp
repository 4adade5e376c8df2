#include "host/net/blocking_pool.hpp"

namespace mcpr::net {

BlockingPool::BlockingPool(unsigned threads, std::size_t max_queued) : wanted_(threads), max_queued_(max_queued) {}

bool BlockingPool::run(Task work) {
  std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= max_queued_) return false;
  queue_.push_back(std::move(work));
  if (idle_ < queue_.size() && threads_.size() < wanted_) threads_.emplace_back([this] { worker(); });
  ready_.notify_one();
  return true;
}

void BlockingPool::worker() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    Task work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

void BlockingPool::stop() {
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  ready_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace mcpr::net
