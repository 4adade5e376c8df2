// mcp-loadgen: MCP clients that call tools as fast as they are answered, or only open sessions. One thread, epoll,
// loopback. Prints one JSON object. Bounded in time and in the number of calls.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/bench/client.hpp"

namespace mcpr::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kOpening = 64;  // streams that may be opened at the same time
constexpr std::size_t kMostLatencies = 8'000'000;
constexpr std::uint64_t kIdsPerClient = 10'000'000;
constexpr unsigned kMostErrors = 100;              // then it gives up
constexpr auto kStall = std::chrono::seconds(20);  // without any answer: it gives up

struct Options {
  Workload workload;
  std::size_t connections = 32;
  std::size_t sessions = 0;  // idle and streams
  double seconds = 3;
  std::uint64_t calls = 5'000'000;
};

struct Connection {
  Connection(const Workload& workload, std::uint64_t first_id) : client(workload, first_id) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  Client client;
  int fd = -1;
  bool open = false;  // its stream is
  Clock::time_point sent;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(kReadBytes) {
    latencies_.reserve(std::min<std::size_t>(kMostLatencies, 1'000'000));
  }
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int run();

 private:
  bool connect(Connection& connection);
  void send(Connection& connection);
  void on_readable(Connection& connection);
  void on_event(Connection& connection, Client::Next next);
  void fail(Connection& connection, std::string_view why);
  void open_more();
  bool finished(Clock::time_point now) const;
  void report(double seconds);
  bool opens_only() const { return options_.workload.mode == Mode::idle || options_.workload.mode == Mode::streams; }

  Options options_;
  int epoll_;
  std::vector<char> buffer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> latencies_;  // ns
  std::uint64_t calls_ = 0, opened_ = 0, started_ = 0;
  unsigned errors_ = 0;
  std::string first_error_;
  bool announced_ = false;
  Clock::time_point deadline_, last_answer_;
};

bool Load::connect(Connection& connection) {
  connection.close();
  connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(options_.workload.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (connection.fd < 0 || ::connect(connection.fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    return fail(connection, std::string("cannot connect: ") + std::strerror(errno)), false;
  }
  ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &connection;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  connection.client.start();
  send(connection);
  return true;
}

void Load::fail(Connection& connection, std::string_view why) {
  ++errors_;
  if (first_error_.empty()) first_error_ = why;
  connection.close();
}

// Requests are far smaller than a socket's buffer and only one is out, so a short write is an error.
void Load::send(Connection& connection) {
  const std::string_view bytes = connection.client.request();
  connection.sent = Clock::now();
  if (::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    fail(connection, std::string("cannot send: ") + std::strerror(errno));
  }
}

void Load::on_readable(Connection& connection) {
  const ssize_t got = ::recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return fail(connection, got == 0 ? "the connection was closed" : std::strerror(errno));
  on_event(connection, connection.client.on_bytes({buffer_.data(), static_cast<std::size_t>(got)}));
}

void Load::on_event(Connection& connection, Client::Next next) {
  switch (next) {
    case Client::Next::read: return;
    case Client::Next::failed: return fail(connection, connection.client.error());
    case Client::Next::send: return send(connection);
    case Client::Next::opened:
      last_answer_ = Clock::now();
      ++opened_;
      if (options_.workload.mode == Mode::streams) {
        connection.open = true;
        return open_more();
      }
      if (started_ >= options_.sessions) return connection.close();
      ++started_;
      return send(connection);
    case Client::Next::called: break;
  }
  last_answer_ = Clock::now();
  if (latencies_.size() < kMostLatencies) {
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(last_answer_ - connection.sent).count();
    latencies_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took, 0xffffffff)));
  }
  ++calls_;
  if (last_answer_ >= deadline_ || calls_ >= options_.calls) return connection.close();
  send(connection);
}

// Mode streams: a few more connections, so that neither side's queue of new connections overflows.
void Load::open_more() {
  while (started_ < options_.sessions && started_ - opened_ < kOpening && errors_ == 0) {
    connections_.push_back(std::make_unique<Connection>(options_.workload, kFirstId + started_ * 10));
    ++started_;
    connect(*connections_.back());
  }
}

bool Load::finished(Clock::time_point now) const {
  if (errors_ >= kMostErrors || (opens_only() && errors_ > 0)) return true;
  if (options_.workload.mode == Mode::streams && announced_) return now >= deadline_;
  if (now - last_answer_ > kStall) return true;
  if (options_.workload.mode == Mode::idle) return opened_ >= options_.sessions;
  if (options_.workload.mode == Mode::streams) return false;
  return std::ranges::none_of(connections_, [](const auto& c) { return c->fd >= 0; });
}

void Load::report(double seconds) {
  std::uint64_t comments = 0;
  for (const auto& connection : connections_) comments += connection->client.stream_comments();
  std::ranges::sort(latencies_);
  const auto percentile = [&](double part) {
    if (latencies_.empty()) return 0.0;
    return latencies_[static_cast<std::size_t>(part * static_cast<double>(latencies_.size() - 1))] / 1000.0;
  };
  std::string error;
  for (const char c : first_error_) {
    if (c == '"' || c == '\\') error += '\\';
    error += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  std::printf(
      "{\"calls\":%llu,\"errors\":%u,\"seconds\":%.3f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"sessions\":%llu,\"comments\":%"
      "llu,"
      "\"error\":\"%s\"}\n",
      static_cast<unsigned long long>(calls_), errors_, seconds, percentile(0.5), percentile(0.99),
      static_cast<unsigned long long>(opened_), static_cast<unsigned long long>(comments), error.c_str());
}

int Load::run() {
  const auto begin = Clock::now();
  const auto length = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
  deadline_ = begin + length;
  last_answer_ = begin;
  if (options_.workload.mode == Mode::streams) {
    open_more();
  } else {
    for (std::size_t i = 0; i < options_.connections; ++i) {
      if (options_.workload.mode == Mode::idle && started_ >= options_.sessions) break;
      connections_.push_back(std::make_unique<Connection>(options_.workload, kFirstId + i * kIdsPerClient));
      ++started_;
      connect(*connections_.back());
    }
  }
  std::vector<epoll_event> events(512);
  while (!finished(Clock::now())) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (connection.fd >= 0) on_readable(connection);
    }
    if (options_.workload.mode == Mode::streams && !announced_ && opened_ == options_.sessions) {
      announced_ = true;
      deadline_ = Clock::now() + length;
      std::puts("ready");
      std::fflush(stdout);
    }
  }
  if (Clock::now() - last_answer_ > kStall && !announced_ && first_error_.empty()) {
    ++errors_;
    first_error_ = "no answer for 20 seconds";
  }
  report(std::chrono::duration<double>(Clock::now() - begin).count());
  return errors_ == 0 ? 0 : 1;
}

template <class T>
T number(std::string_view name, std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < T{}) {
    throw std::invalid_argument(std::string(name) + ": '" + std::string(text) + "' is not a number");
  }
  return value;
}

Mode mode_of(std::string_view text) {
  if (text == "plain") return Mode::plain;
  if (text == "big") return Mode::big;
  if (text == "sse") return Mode::sse;
  if (text == "idle") return Mode::idle;
  if (text == "streams") return Mode::streams;
  throw std::invalid_argument("--mode: plain, big, sse, idle or streams");
}

Options parse(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 == argc) throw std::invalid_argument(std::string(name) + " needs a value");
    const std::string_view value = argv[i + 1];
    Workload& w = out.workload;
    if (name == "--port")
      w.port = number<std::uint16_t>(name, value);
    else if (name == "--path")
      w.path = value;
    else if (name == "--mode")
      w.mode = mode_of(value);
    else if (name == "--tool-prefix")
      w.tool_prefix = value;
    else if (name == "--body")
      w.body_bytes = std::min<std::size_t>(number<std::size_t>(name, value), 16 * 1024);
    else if (name == "--answer")
      w.answer_bytes = number<std::size_t>(name, value);
    else if (name == "--events")
      w.events = number<unsigned>(name, value);
    else if (name == "--connections")
      out.connections = std::clamp<std::size_t>(number<std::size_t>(name, value), 1, 1000);
    else if (name == "--sessions")
      out.sessions = std::min<std::size_t>(number<std::size_t>(name, value), 100'000);
    else if (name == "--seconds")
      out.seconds = std::min(number<double>(name, value), 600.0);
    else if (name == "--calls")
      out.calls = number<std::uint64_t>(name, value);
    else
      throw std::invalid_argument("unknown argument '" + std::string(name) + "'");
  }
  if (out.workload.port == 0) throw std::invalid_argument("--port is missing");
  return out;
}

}  // namespace
}  // namespace mcpr::bench

int main(int argc, char** argv) {
  try {
    return mcpr::bench::Load(mcpr::bench::parse(argc, argv)).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr,
                 "mcp-loadgen: %s\nusage: mcp-loadgen --port N [--path /mcp] [--mode plain|big|sse|idle|streams] "
                 "[--connections N]\n"
                 "  [--sessions N] [--seconds S] [--calls N] [--body BYTES] [--answer BYTES] [--events N]\n"
                 "  [--tool-prefix TEXT]\n",
                 error.what());
    return 2;
  }
}
