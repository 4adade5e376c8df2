// Readiness of a file descriptor that somebody else owns (inotify, a library's socket).
#pragma once

#include <cstdint>
#include <memory>

#include "host/net/loop.hpp"

namespace mcpr::net {

enum FdEvent : std::uint32_t { fd_read = 1, fd_write = 2 };

// Calls back on the loop's thread whenever the descriptor is ready, until destroyed. The descriptor is neither closed
// nor read; it must stay open until the watch is destroyed.
class FdWatch {
 public:
  FdWatch(Loop& loop, int fd, std::uint32_t events, UniqueFunction<void(std::uint32_t)> on_ready);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcpr::net
