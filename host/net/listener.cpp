#include "host/net/listener.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "host/net/asio_loop.hpp"

namespace mcpr::net {

namespace {

int open_one(const Address& at, bool share, int backlog) {
  const auto fail = [&](int fd, const char* what) -> int {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    std::string text = std::string("cannot ") + what + " " + at.text() + ": " + std::strerror(error);
    if (error == EADDRINUSE) text += " (another program, or another router, uses this port)";
    throw std::runtime_error(text);
  };
  const int fd = ::socket(at.raw()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(fd, "open a socket for");
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd, at.raw(), at.size()) != 0) return fail(fd, "bind to");
  if (::listen(fd, backlog) != 0) return fail(fd, "listen on");
  return fd;
}

}  // namespace

Address local_address(int fd) {
  sockaddr_storage local{};
  socklen_t size = sizeof local;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size);
  return Address::of(reinterpret_cast<const sockaddr*>(&local));
}

std::vector<int> open_listeners(Address at, unsigned count, int backlog) {
  const int probe = open_one(at, false, backlog);
  at = local_address(probe);
  ::close(probe);
  std::vector<int> out;
  try {
    for (unsigned i = 0; i < count; ++i) out.push_back(open_one(at, true, backlog));
  } catch (...) {
    for (const int fd : out) ::close(fd);
    throw;
  }
  return out;
}

struct Listener::State : std::enable_shared_from_this<State> {
  State(Loop& l, int fd, UniqueFunction<void(int, const Address&)> callback)
      : loop(l),
        descriptor(l.impl().context.get_executor(), fd),
        on_accept(std::move(callback)),
        retry(l, [this] { wait(); }) {}

  void wait() {
    descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                            if (error || self->closed) return;
                            if (self->accept_all()) self->wait();
                          });
  }

  // False: out of descriptors, and a timer will try again.
  bool accept_all() {
    while (!closed) {
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      const int fd = ::accept4(descriptor.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        on_accept(fd, Address::of(reinterpret_cast<const sockaddr*>(&peer)));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        retry.arm(Millis(100));
        return false;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return true;
      }
    }
    return true;
  }

  Loop& loop;
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  UniqueFunction<void(int, const Address&)> on_accept;
  Timer retry;
  bool closed = false;
};

Listener::Listener(Loop& loop, int fd, UniqueFunction<void(int, const Address&)> on_accept)
    : state_(std::make_shared<State>(loop, fd, std::move(on_accept))) {
  state_->wait();
}

Listener::~Listener() {
  state_->closed = true;
  state_->retry.cancel();
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

void Listener::accept_all() { state_->accept_all(); }

}  // namespace mcpr::net
