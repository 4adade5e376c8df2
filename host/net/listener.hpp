// Listening sockets: one a data thread on the same address (SO_REUSEPORT), after one bind without the option has shown
// that nobody else has the port.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/net/address.hpp"
#include "host/net/loop.hpp"

namespace mcpr::net {

// Throws std::runtime_error that names the address. With port 0 the kernel chooses one, the same for all.
std::vector<int> open_listeners(Address at, unsigned count, int backlog = 4096);
Address local_address(int fd);

// Accepts on one loop until destroyed.
class Listener {
 public:
  // Takes ownership of fd. on_accept owns the accepted descriptor.
  Listener(Loop& loop, int fd, UniqueFunction<void(int fd, const Address& peer)> on_accept);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  void accept_all();  // what waits in the queue, at once: for the end of a drain

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcpr::net
