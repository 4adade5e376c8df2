// Private to net/: what a Loop is made of. The only header that brings Asio in.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>

#include "host/net/loop.hpp"
#include "host/net/timer.hpp"

namespace mcpr::net {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using SystemTimer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

inline constexpr std::size_t kReadSize = 64 * 1024;
inline constexpr std::size_t kReadPadding = 128;  // readable and writable bytes behind what was read: simdjson wants 64

struct Loop::Impl {
  explicit Impl(Loop& loop);

  void rearm(TimePoint when);
  void on_timer();

  // One thread does all I/O of the loop; only post() comes from others, which this hint keeps safe.
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::executor_work_guard<Executor> work{context.get_executor()};
  std::atomic<std::thread::id> thread{};
  TimerQueue timers;
  SystemTimer system_timer{context.get_executor()};
  TimePoint system_deadline = TimePoint::max();
  // Where every stream of the loop reads to, one after the other: an idle connection holds no buffer.
  std::unique_ptr<char[]> scratch = std::make_unique<char[]>(kReadSize + kReadPadding);
  std::unique_ptr<char[]> tls_scratch;  // the same for decrypted bytes, made when the first TLS stream needs it
};

}  // namespace mcpr::net
