// A data thread: its loop, and everything that only it touches.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/mcp/peek.hpp"
#include "host/metrics/cells.hpp"
#include "host/net/loop.hpp"
#include "host/net/timer.hpp"
#include "host/route/name_lookup.hpp"
#include "host/route/tool_watch.hpp"
#include "host/session/home.hpp"
#include "host/session/store.hpp"
#include "host/session/table.hpp"
#include "host/upstream/link.hpp"
#include "host/upstream/origins.hpp"
#include "host/upstream/routes.hpp"

namespace mcpr::route {

struct RouteOptions {
  unsigned heartbeat_s = 15;
  unsigned max_streams = 16;  // of one session
  std::uint32_t session_ttl_s = 1'800;
  std::size_t max_kept = 1024 * 1024;         // bytes kept for an exchange or a session whose client's stream is away
  std::size_t max_calls = 1'024;              // requests of one live session under way
  std::size_t max_initialize = 1024 * 1024;   // bytes of the answer to `initialize`
  std::size_t max_answer = 64 * 1024 * 1024;  // bytes of an answer or event that is taken whole, to be changed
  net::Millis lookup_timeout{0};              // of a service that nobody has published; 0: it is not looked up
  bool absolute_endpoint = false;
  std::string context_path;  // "/x" or empty
};

class ClientSink;
class Worker;

// A client's stream that is passed through byte by byte, and must end with its session.
class SessionStream {
 public:
  virtual void close_stream() = 0;

 protected:
  ~SessionStream() = default;
};

// What all data threads share. Made before they start; outlives them.
struct Shared {
  explicit Shared(std::size_t max_sessions) : sessions(max_sessions) {}
  session::Table sessions;
  std::unique_ptr<session::Store> store = std::make_unique<session::MemoryStore>();
  std::vector<Worker*> workers;
  NameLookup* lookup = nullptr;     // null: nobody can be asked
  std::atomic<bool> enabled{true};  // mcp.router.enabled
  std::atomic<bool> draining{false};
  net::TimePoint start = net::Clock::now();
  std::uint32_t seconds() const {  // the process clock of Session::touch
    return static_cast<std::uint32_t>(
               std::chrono::duration_cast<std::chrono::seconds>(net::Clock::now() - start).count()) +
           1;
  }
};

// A client's connection that a session's home writes to, which may be on another thread.
struct ClientRef {
  unsigned worker = 0;
  std::uint64_t serial = 0;  // 0: none
  explicit operator bool() const { return serial != 0; }
  bool operator==(const ClientRef&) const = default;
};

class Worker {
 public:
  Worker(unsigned index, Shared& shared, net::BlockingPool& blocking, upstream::PoolOptions pool, RouteOptions options)
      : index(index),
        shared(shared),
        options(std::move(options)),
        origins(loop, blocking, pool),
        routes(index),
        home(loop),
        tick_(loop, [this] { tick(); }),
        tell_(loop, [this] { tell_tools(); }) {}

  const unsigned index;
  Shared& shared;
  RouteOptions options;
  net::Loop loop;
  ToolWatch tools;  // the streams and sessions of this thread; outlives them
  mcp::Peeker peeker;
  upstream::Origins origins;
  upstream::Routes routes;
  session::Home home;
  metrics::Cells cells;
  std::string head;         // scratch for the head of a request to an instance
  std::uint32_t now_s = 1;  // the process clock, refreshed by a timer every second

  upstream::LinkContext link_context() { return {loop, origins, peeker, options.max_answer}; }
  void start() { tick(); }  // once, before or on the thread
  void count_failure(const mcp::ExchangeEnd& why);
  // A new directory: those who use services whose tools have changed are told.
  void apply(upstream::DirectoryPtr directory, const upstream::BalancersPtr& balancers);
  // Has `listener` told when the tools of the service change, of which the client has last heard at `known`.
  void watch_tools(ToolListener& listener, std::string_view service, std::uint64_t known);
  std::unordered_multimap<const session::Session*, SessionStream*> streams;
  UniqueFunction<void()> every_second;  // set by the front before start()

  // The client connections of this thread that homes may write to.
  ClientRef add_client(ClientSink& sink) {
    clients_[++last_serial_] = &sink;
    return {index, last_serial_};
  }
  void drop_client(const ClientRef& ref) { clients_.erase(ref.serial); }
  ClientSink* client(const ClientRef& ref) const {
    const auto found = clients_.find(ref.serial);
    return found == clients_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::uint64_t, ClientSink*> clients_;
  std::uint64_t last_serial_ = 0;

  void tick();
  void tell_tools();
  net::Timer tick_, tell_;
};

// A client's side of a stream or of a POST that waits. Used on its own thread.
class ClientSink {
 public:
  virtual void on_message(std::string_view json, bool last) = 0;
  virtual void on_close(std::string_view reason) = 0;  // the session has ended: no further message

 protected:
  ~ClientSink() = default;
};

// [any data thread] Runs at once where the client is on this thread, else by its loop. Messages to one client keep
// their order.
void deliver(Worker& from, const ClientRef& to, std::string_view json, bool last);
void close_client(Worker& from, const ClientRef& to, std::string_view reason);

}  // namespace mcpr::route
