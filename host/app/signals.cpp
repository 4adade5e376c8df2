#include "host/app/signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace mcpr::app {

namespace {

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = our_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void take_signals_again() {
  const sigset_t set = our_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void reset_signals() {
  take_signals_again();
  ::signal(SIGPIPE, SIG_DFL);
}

SignalThread::SignalThread(UniqueFunction<void(int)> on_signal) : on_signal_(std::move(on_signal)) {
  const sigset_t set = our_signals();
  signal_fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signal_fd_ < 0 || event_fd_ < 0) {
    const int error = errno;
    if (signal_fd_ >= 0) ::close(signal_fd_);
    throw std::system_error(error, std::generic_category(), "signals cannot be waited for");
  }
  thread_ = std::thread([this] { run(); });
}

SignalThread::~SignalThread() {
  end();
  ::close(signal_fd_);
  ::close(event_fd_);
}

void SignalThread::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    tasks_.push_back(std::move(task));
  }
  wake();
}

void SignalThread::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

void SignalThread::wake() {
  const std::uint64_t one = 1;
  while (::write(event_fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

std::vector<Task> SignalThread::take_tasks() {
  const std::lock_guard lock(mutex_);
  return std::exchange(tasks_, {});
}

void SignalThread::run() {
  for (;;) {
    pollfd watched[2] = {{signal_fd_, POLLIN, 0}, {event_fd_, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;  // only EINTR is possible
    signalfd_siginfo info{};
    while (::read(signal_fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      on_signal_(static_cast<int>(info.ssi_signo));
    }
    std::uint64_t count = 0;
    if (::read(event_fd_, &count, sizeof count) != static_cast<ssize_t>(sizeof count)) continue;
    for (Task& task : take_tasks()) task();
    const std::lock_guard lock(mutex_);
    if (ended_) return;
  }
}

}  // namespace mcpr::app
