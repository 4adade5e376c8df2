// Counters, one cell a data thread: written by that thread only, summed when read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace mcpr::metrics {

enum class Counter : std::uint8_t {
  requests,           // HTTP requests on MCP paths
  refused,            // answered by the router itself with a 4xx
  messages_in,        // JSON-RPC messages of clients
  forwarded,          // requests sent to an instance
  upstream_failures,  // requests that an instance did not answer
  sessions_opened,
  sessions_closed,
  sessions_expired,
  sessions_refused,  // the bound on sessions
  streams_refused,   // the bound on streams of a session
  messages_dropped,  // a bound on kept messages
  heartbeats,
  lookups,            // requests that waited for a service to be looked up
  tool_notices,       // told clients that a list of tools has changed
  calls_refused,      // of tools that are disabled
  answers_too_large,  // the bound on answers that are taken whole
  requests_refused,   // the bound on requests of a live session
  overloads,          // the bounds on connections to an instance and on requests that wait for one
  bytes_in,
  bytes_out,
  count
};

struct CounterInfo {
  std::string_view name, help;
};
const CounterInfo& info(Counter counter);

// Times of answered requests, in buckets by upper bound.
inline constexpr std::array<std::uint32_t, 12> kLatencyBoundsUs = {
    100, 250, 500, 1'000, 2'500, 5'000, 10'000, 50'000, 100'000, 500'000, 1'000'000, 10'000'000};

class Cells {
 public:
  void add(Counter counter, std::uint64_t n = 1) { bump(counters_[static_cast<std::size_t>(counter)], n); }
  void latency(std::uint64_t us) {
    std::size_t i = 0;
    while (i < kLatencyBoundsUs.size() && us > kLatencyBoundsUs[i]) ++i;
    bump(buckets_[i], 1);
    bump(latency_sum_us_, us);
  }
  std::uint64_t get(Counter counter) const {
    return counters_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
  }
  std::uint64_t bucket(std::size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }
  std::uint64_t latency_sum_us() const { return latency_sum_us_.load(std::memory_order_relaxed); }
  void set_connections(std::uint64_t client, std::uint64_t upstream) {
    client_connections_.store(client, std::memory_order_relaxed);
    upstream_connections_.store(upstream, std::memory_order_relaxed);
  }
  std::uint64_t client_connections() const { return client_connections_.load(std::memory_order_relaxed); }
  std::uint64_t upstream_connections() const { return upstream_connections_.load(std::memory_order_relaxed); }

 private:
  using Cell = std::atomic<std::uint64_t>;
  // One writer: no read-modify-write of the bus is needed.
  static void bump(Cell& cell, std::uint64_t n) {
    cell.store(cell.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::array<Cell, static_cast<std::size_t>(Counter::count)> counters_{};
  std::array<Cell, kLatencyBoundsUs.size() + 1> buckets_{};
  Cell latency_sum_us_{0};
  Cell client_connections_{0};
  Cell upstream_connections_{0};
};

}  // namespace mcpr::metrics
