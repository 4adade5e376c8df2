#include "host/net/fd_watch.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "host/net/asio_loop.hpp"

namespace mcpr::net {

struct FdWatch::State : std::enable_shared_from_this<State> {
  State(Loop& loop, int fd, UniqueFunction<void(std::uint32_t)> callback)
      : descriptor(loop.impl().context.get_executor(), fd), on_ready(std::move(callback)) {}

  void wait(FdEvent event) {
    const auto type =
        event == fd_read ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
    descriptor.async_wait(type, [self = shared_from_this(), event](const boost::system::error_code& error) {
      if (error || self->closed) return;
      self->on_ready(event);
      if (!self->closed) self->wait(event);
    });
  }

  asio::posix::basic_stream_descriptor<Executor> descriptor;
  UniqueFunction<void(std::uint32_t)> on_ready;
  bool closed = false;
};

FdWatch::FdWatch(Loop& loop, int fd, std::uint32_t events, UniqueFunction<void(std::uint32_t)> on_ready)
    : state_(std::make_shared<State>(loop, fd, std::move(on_ready))) {
  if (events & fd_read) state_->wait(fd_read);
  if (events & fd_write) state_->wait(fd_write);
}

FdWatch::~FdWatch() {
  state_->closed = true;
  state_->descriptor.release();  // cancels the waits and leaves the descriptor open
}

}  // namespace mcpr::net
