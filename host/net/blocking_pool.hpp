// A few threads for calls that block: files, SQLite, DNS. [any] thread may run() and must not be one that stop() waits
// for.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "host/util/unique_function.hpp"

namespace mcpr::net {

class BlockingPool {
 public:
  // threads are started at the first run(); max_queued bounds what waits.
  explicit BlockingPool(unsigned threads, std::size_t max_queued = 4096);
  ~BlockingPool() { stop(); }
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  bool run(Task work);  // [any] false: the queue is full or the pool stops, and work is dropped
  void stop();          // finishes what is queued and joins

 private:
  void worker();

  const unsigned wanted_;
  const std::size_t max_queued_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> queue_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

}  // namespace mcpr::net
