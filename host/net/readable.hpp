// Tells when a socket has something to read, for the price of nothing: one operation that is part of its owner, no
// allocation, no system call to wait again. Private to net/.
//
// Asio's own read and wait operations ask the kernel once more each time they are started, with a read that mostly
// finds nothing or with epoll_ctl; with a call per message that is a third of all system calls of a proxy. The reactor
// itself needs neither: it watches edges, and remembers an edge that came while nobody waited. So the operation is
// given to the reactor directly (boost::asio::detail, stable since Boost 1.76). Its owner must read until it is told
// that nothing is left, for an edge is reported once.
#pragma once

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>

#include "host/net/asio_loop.hpp"

namespace mcpr::net {

// A socket that shows the reactor's handle of its descriptor.
class WatchedSocket : public TcpSocket {
 public:
  using TcpSocket::TcpSocket;
  asio::detail::reactor::per_descriptor_data& watched() { return impl_.get_implementation().reactor_data_; }
};

// Owner: owner.on_readable(bool) is called once for each wait(), from the loop, never inside wait(). False: the socket
// was closed or the loop is being destroyed; nothing may be read.
template <class Owner>
class Readable : private asio::detail::reactor_op {
  using Reactor = asio::detail::reactor;

 public:
  explicit Readable(Owner& owner) : reactor_op({}, &Readable::perform, &Readable::complete), owner_(owner) {}
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

  // Must not be called again before it has called back, and the owner must live until then.
  void wait(asio::io_context& context, WatchedSocket& socket) {
    ec_ = {};
    asio::use_service<Reactor>(context).start_op(Reactor::read_op, socket.native_handle(), socket.watched(), this,
                                                 false, true);
  }

 private:
  // Nothing is read here, under the reactor's lock. "Exhausted" keeps the next wait() from being called back at once.
  static status perform(reactor_op*) { return done_and_exhausted; }

  static void complete(void* loop, asio::detail::operation* base, const boost::system::error_code&, std::size_t) {
    auto* self = static_cast<Readable*>(base);
    self->owner_.on_readable(loop != nullptr && !self->ec_);
  }

  Owner& owner_;
};

}  // namespace mcpr::net
