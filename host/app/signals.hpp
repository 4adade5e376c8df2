// Signals, taken by one thread.
#pragma once

#include <mutex>
#include <thread>
#include <vector>

#include "host/util/unique_function.hpp"

namespace mcpr::app {

// Blocks SIGTERM, SIGINT and SIGHUP in this thread and all that it starts, and ignores SIGPIPE. Call it before any
// thread exists. The mask passes to child processes: reset_signals() there, before exec.
void block_signals();
void take_signals_again();  // in this thread; SIGPIPE stays ignored
void reset_signals();       // as if block_signals had never been called

// Waits for those signals on a thread of its own and calls back there, one call at a time.
class SignalThread {
 public:
  explicit SignalThread(UniqueFunction<void(int)> on_signal);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

  void post(Task task);  // [any] runs on that thread; dropped after end()
  void end();            // joins; signals are no longer taken. Not on the thread itself.

 private:
  void run();
  void wake();
  std::vector<Task> take_tasks();

  UniqueFunction<void(int)> on_signal_;
  int signal_fd_ = -1;
  int event_fd_ = -1;
  std::mutex mutex_;  // guards what follows
  std::vector<Task> tasks_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace mcpr::app
