#include "host/net/stream.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cstring>

#include "host/net/readable.hpp"
#include "host/net/tls.hpp"

namespace mcpr::net {

namespace {

bool set_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

constexpr int kReadRounds = 4;
constexpr std::size_t kJoined = 2048;  // parts up to this size are copied together: cheaper than a vector of them

}  // namespace

// Lives until the stream is destroyed and the last operation of the kernel has come back; counted without atomics, for
// one thread uses it.
struct Stream::State {
  struct Ref {
    State* state;
    explicit Ref(State* s) : state(s) { ++state->refs; }
    Ref(const Ref& o) : state(o.state) { ++state->refs; }
    Ref(Ref&& o) noexcept : state(std::exchange(o.state, nullptr)) {}
    Ref& operator=(const Ref&) = delete;
    ~Ref() {
      if (state && --state->refs == 0) delete state;
    }
    State* operator->() const { return state; }
  };

  State(Loop& l, StreamHandler& h)
      : loop(l.impl()), socket(loop.context.get_executor()), readable(*this), handler(&h) {}

  // Waits for the next bytes. While paused or busy nobody waits: the reactor remembers that something came.
  void arm() {
    if (waiting || paused || closed) return;
    waiting = true;
    ++refs;  // for on_readable
    readable.wait(loop.context, socket);
  }

  void on_readable(bool may_read) {
    Ref ref(this);
    --refs;
    waiting = false;
    if (!may_read || closed) return;
    if (paused) {
      unread = true;
    } else {
      read();
    }
  }

  // Reads until nothing is left, but not for long: others of the loop want their turn.
  void read() {
    Ref ref(this);
    unread = false;
    for (int round = 0; round < kReadRounds; ++round) {
      bool more = true;
      const ssize_t size = receive(more);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return arm();
      if (size <= 0) return fail(size == 0 ? "" : std::strerror(errno));
      deliver(loop.scratch.get(), static_cast<std::size_t>(size));
      if (closed) return;
      if (paused) {
        unread = more;
        return;
      }
      if (!more) return arm();
    }
    read_soon();
  }

  void read_soon() {
    unread = true;
    asio::post(loop.context, [ref = Ref(this)] {
      if (!ref->closed && !ref->paused && ref->unread) ref->read();
    });
  }

  // more: whether bytes or the end are waiting behind what was read. The kernel says so with the data (TCP_INQ, Linux
  // 4.18), which saves asking again to find nothing.
  ssize_t receive(bool& more) {
    if (!tells_rest) return ::recv(socket.native_handle(), loop.scratch.get(), kReadSize, MSG_DONTWAIT);
    iovec vector{loop.scratch.get(), kReadSize};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(socket.native_handle(), &message, MSG_DONTWAIT);
    const cmsghdr* told = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (told && told->cmsg_level == IPPROTO_TCP && told->cmsg_type == TCP_CM_INQ) {
      int rest = 0;
      std::memcpy(&rest, CMSG_DATA(told), sizeof rest);
      more = rest > 0;
    }
    return size;
  }

  void deliver(char* data, std::size_t size) {
    if (!tls) return handler->on_data(data, size);
    tls->feed({data, size});
    pump_tls();
  }

  // Takes what TLS has decrypted to the handler and what it wants sent to the socket.
  void pump_tls() {
    const bool was_established = connected;
    send_raw_string(tls->take_output());
    if (closed) return;
    if (!tls->error().empty()) return fail(tls->error());
    if (!was_established && tls->established()) {
      connected = true;
      handler->on_connected();
      if (closed) return;
    }
    if (!loop.tls_scratch) loop.tls_scratch = std::make_unique<char[]>(kReadSize + kReadPadding);
    while (!closed && !paused) {
      std::size_t got = 0;
      const auto status = tls->read(loop.tls_scratch.get(), kReadSize, got);
      if (status == TlsSession::Status::failed) return fail(tls->error());
      if (status == TlsSession::Status::closed) return fail("");
      if (got == 0) break;
      handler->on_data(loop.tls_scratch.get(), got);
    }
    if (!closed) send_raw_string(tls->take_output());
  }

  void send_raw_string(const std::string& bytes) {
    const std::string_view part = bytes;
    if (!bytes.empty()) send_raw({&part, 1});
  }

  bool send(std::span<const std::string_view> parts) {
    if (closed || failed) return true;
    if (!tls) return send_raw(parts);
    for (const std::string_view part : parts) {
      if (!tls->write(part)) {
        fail_later(tls->error());
        return true;
      }
    }
    const std::string bytes = tls->take_output();
    const std::string_view part = bytes;
    return send_raw({&part, 1});
  }

  bool send_raw(std::span<const std::string_view> parts) {
    std::size_t total = 0;
    for (const std::string_view part : parts) total += part.size();
    std::size_t sent = 0;
    if (out.empty()) {
      const ssize_t result = hand_over(parts, total);
      if (result < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        fail_later(std::strerror(errno));
        return true;
      }
      if (result > 0) sent = static_cast<std::size_t>(result);
    }
    if (sent == total) return true;
    for (std::string_view part : parts) {
      const std::size_t skip = std::min(sent, part.size());
      sent -= skip;
      out.append(part.substr(skip));
    }
    wait_writable();
    return false;
  }

  // To the kernel, as much as it takes.
  ssize_t hand_over(std::span<const std::string_view> parts, std::size_t total) {
    constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (parts.size() == 1) return ::send(socket.native_handle(), parts[0].data(), total, kFlags);
    if (total <= kJoined) {
      char joined[kJoined];
      char* at = joined;
      for (const std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
      return ::send(socket.native_handle(), joined, total, kFlags);
    }
    std::array<iovec, 8> vectors{};
    msghdr message{};
    for (const std::string_view part : parts) {
      if (part.empty()) continue;
      if (message.msg_iovlen == vectors.size()) break;
      vectors[message.msg_iovlen++] = {const_cast<char*>(part.data()), part.size()};
    }
    message.msg_iov = vectors.data();
    return ::sendmsg(socket.native_handle(), &message, kFlags);
  }

  void wait_writable() {
    if (write_waiting || closed) return;
    write_waiting = true;
    socket.async_wait(TcpSocket::wait_write, [ref = Ref(this)](const boost::system::error_code& error) {
      ref->write_waiting = false;
      if (!error && !ref->closed) ref->flush();
    });
  }

  void flush() {
    while (out_at < out.size()) {
      const ssize_t result =
          ::send(socket.native_handle(), out.data() + out_at, out.size() - out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (result > 0) {
        out_at += static_cast<std::size_t>(result);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return wait_writable();
      } else if (errno != EINTR) {
        return fail(std::strerror(errno));
      }
    }
    std::string().swap(out);
    out_at = 0;
    if (shutdown_wanted) do_shutdown();
    handler->on_drained();
  }

  void do_shutdown() {
    boost::system::error_code ignored;
    socket.shutdown(TcpSocket::shutdown_send, ignored);
  }

  void fail(std::string reason) {
    if (closed) return;
    close();
    handler->on_closed(reason);
  }

  // From inside write(): the caller must not find its handler called in the middle of its own work.
  void fail_later(std::string reason) {
    if (failed) return;
    failed = true;
    asio::post(loop.context, [ref = Ref(this), reason = std::move(reason)] {
      if (!ref->closed) ref->fail(reason);
    });
  }

  void close() {
    closed = true;
    boost::system::error_code ignored;
    socket.close(ignored);
    std::string().swap(out);
    out_at = 0;
  }

  void started() {
    const int fd = socket.native_handle();
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
    tells_rest = set_option(fd, IPPROTO_TCP, TCP_INQ, 1);
  }

  Loop::Impl& loop;
  WatchedSocket socket;
  Readable<State> readable;
  StreamHandler* handler;
  std::unique_ptr<TlsSession> tls;
  std::string out;
  std::size_t out_at = 0;
  std::uint32_t refs = 1;
  bool connected = false;
  bool waiting = false;  // for on_readable
  bool unread = false;   // something is there to read, and nobody waits for it
  bool paused = false;
  bool tells_rest = false;  // TCP_INQ is on
  bool write_waiting = false;
  bool shutdown_wanted = false;
  bool failed = false;
  bool closed = false;
};

Stream::Stream(Loop& loop, StreamHandler& handler) : state_(new State(loop, handler)) {}

Stream::~Stream() {
  if (!state_->closed) state_->close();
  if (--state_->refs == 0) delete state_;
}

void Stream::adopt(int fd) {
  sockaddr_storage local{};
  socklen_t size = sizeof local;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size);
  boost::system::error_code error;
  state_->socket.assign(local.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd, error);
  if (error) {
    ::close(fd);
    return state_->fail_later(error.message());
  }
  state_->connected = true;
  state_->started();
  state_->arm();
}

void Stream::connect(const Address& to) {
  asio::ip::tcp::endpoint endpoint;
  endpoint.resize(to.size());
  std::memcpy(endpoint.data(), to.raw(), to.size());
  boost::system::error_code error;
  state_->socket.open(endpoint.protocol(), error);
  if (error) return state_->fail_later(error.message());
  state_->socket.async_connect(endpoint, [ref = State::Ref(state_)](const boost::system::error_code& result) {
    if (ref->closed) return;
    if (result) return ref->fail(result.message());
    ref->started();
    if (ref->tls) {
      ref->tls->start();
      ref->pump_tls();
    } else {
      ref->connected = true;
      ref->handler->on_connected();
    }
    if (!ref->closed) ref->arm();
  });
}

void Stream::use_tls(TlsContext& context, const std::string& host) {
  state_->tls = std::make_unique<TlsSession>(context, host);
}

bool Stream::write(std::span<const std::string_view> parts) { return state_->send(parts); }

std::size_t Stream::queued() const { return state_->out.size() - state_->out_at; }

void Stream::pause_reading() { state_->paused = true; }

void Stream::resume_reading() {
  State* state = state_;
  if (!state->paused) return;
  state->paused = false;
  if (state->closed) return;
  if (!state->unread && !state->tls) return state->arm();
  // What came meanwhile is handed over from the loop, not from inside the caller's call.
  asio::post(state->loop.context, [ref = State::Ref(state)] {
    if (ref->closed || ref->paused) return;
    if (ref->tls && ref->connected) ref->pump_tls();
    if (ref->closed || ref->paused) return;
    ref->unread ? ref->read() : ref->arm();
  });
}

void Stream::shutdown_write() {
  if (state_->closed) return;
  if (state_->tls) {
    state_->tls->close_notify();
    state_->send_raw_string(state_->tls->take_output());
  }
  if (state_->out.empty()) return state_->do_shutdown();
  state_->shutdown_wanted = true;
}

bool Stream::stale() const {
  if (state_->closed || state_->failed) return true;
  char byte = 0;
  const ssize_t result = ::recv(state_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return result >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace mcpr::net
