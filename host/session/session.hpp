// A session: what a client of the handshake era has with the router. Shared by all threads; see each field for who
// changes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mcpr::session {

enum class ClientTransport : std::uint8_t { streamable, sse };

// What the router has with one instance on behalf of a session. Immutable: a replacement is a new object with a higher
// epoch (Session::replace).
struct UpstreamSession {
  std::string service;
  std::string instance;  // id of the instance
  std::string id;        // as the instance named it; empty: the instance keeps none
  std::string protocol_version;
  std::uint64_t epoch = 1;
};
using UpstreamSessionPtr = std::shared_ptr<const UpstreamSession>;

class Session {
 public:
  // `live`: its messages are handled one by one at its home (session/home.hpp), not passed through.
  Session(std::string id, std::string service, ClientTransport transport, unsigned home, bool live, std::string owner)
      : id_(std::move(id)),
        service_(std::move(service)),
        transport_(transport),
        home_(home),
        live_(live),
        owner_(std::move(owner)) {}

  const std::string& id() const { return id_; }
  const std::string& service() const { return service_; }  // the service the client connected to
  ClientTransport transport() const { return transport_; }
  unsigned home() const { return home_; }  // index of the data thread that owns the live parts
  bool live() const { return live_; }
  const std::string& owner() const { return owner_; }  // the principal that opened it: nobody else may use it

  // [any] Seconds of the process clock at which a message or a heartbeat was last seen.
  void touch(std::uint32_t now) { last_active_.store(now, std::memory_order_relaxed); }
  std::uint32_t last_active() const { return last_active_.load(std::memory_order_relaxed); }

  // [any] True once: for the one who ends the session.
  bool end() { return !ended_.exchange(true, std::memory_order_acq_rel); }
  bool ended() const { return ended_.load(std::memory_order_acquire); }

  // [any] The client's stream without Last-Event-ID (GET): one at a time.
  bool open_stream() { return !stream_open_.exchange(true, std::memory_order_acq_rel); }
  void close_stream() { stream_open_.store(false, std::memory_order_release); }
  // [any] All streams of the client, against the limit.
  bool add_stream(unsigned most);
  void drop_stream() { streams_.fetch_sub(1, std::memory_order_acq_rel); }
  unsigned streams() const { return streams_.load(std::memory_order_acquire); }

  // [any]
  UpstreamSessionPtr upstream(std::string_view service) const;
  // Compare-and-set on the epoch: puts `next` in place if the present one has epoch `expected` (0: there is none);
  // returns what is in place afterwards.
  UpstreamSessionPtr replace(UpstreamSessionPtr next, std::uint64_t expected);

  // [any] The client has been told that it will hear when the list of tools changes; `revision` of the list it is
  // given.
  void will_hear_of_tools(std::uint64_t revision) {
    tools_known_.store(revision, std::memory_order_relaxed);
    hears_of_tools_.store(true, std::memory_order_release);
  }
  bool hears_of_tools() const { return hears_of_tools_.load(std::memory_order_acquire); }
  std::uint64_t tools_known() const { return tools_known_.load(std::memory_order_relaxed); }
  // [any] True for one caller, who then tells the client on one of its streams: it has not heard of this revision.
  bool tell_of_tools(std::uint64_t revision);

  // [any] The client's own `initialize`, byte for byte, for opening further upstream sessions; and what was agreed.
  void set_handshake(std::string initialize, std::string protocol_version);
  std::string initialize() const;
  std::string protocol_version() const;

 private:
  const std::string id_;
  const std::string service_;
  const ClientTransport transport_;
  const unsigned home_;
  const bool live_;
  const std::string owner_;
  std::atomic<std::uint32_t> last_active_{0};
  std::atomic<std::uint16_t> streams_{0};
  std::atomic<bool> ended_{false};
  std::atomic<bool> stream_open_{false};
  std::atomic<bool> hears_of_tools_{false};
  std::atomic<std::uint64_t> tools_known_{0};
  mutable std::mutex mutex_;  // held for a few instructions only
  std::vector<UpstreamSessionPtr> upstreams_;
  std::string initialize_;
  std::string protocol_version_;
};
using SessionPtr = std::shared_ptr<Session>;

}  // namespace mcpr::session
