// A configured balancer and its tables: which instance of a service takes the next session or request.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "host/plugin/host_services.hpp"
#include "host/plugin/loaded_plugin.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

using PeerStat = mcpr_lb_stat;  // written by the control thread with relaxed atomic stores, read by plugins

struct Peer {
  std::uint64_t id_hash = 0;
  std::uint32_t weight_milli = 1000;
  std::string zone;
  const PeerStat* stat = nullptr;  // must live as long as the table; null: nothing is measured
};

inline constexpr std::uint32_t kNone = MCPR_NO_PEER;

class Balancer;

// The instances of one service on one data thread. Calls on it must not overlap; it may be destroyed on any thread.
class BalancerTable {
 public:
  ~BalancerTable();
  BalancerTable(const BalancerTable&) = delete;
  BalancerTable& operator=(const BalancerTable&) = delete;

  // An index into the peers of build(), or kNone where there is none left to try. tried: a bitset of (size() + 63) / 64
  // words, or null. A plugin that answers with what it must not is taken to have said kNone.
  std::uint32_t pick(const std::uint64_t* tried, std::uint64_t key_hash, std::uint64_t rnd,
                     std::uint32_t attempt) noexcept {
    const mcpr_lb_request request{sizeof request, attempt, key_hash, rnd, tried};
    const std::uint32_t peer = pick_(table_, &request);
    if (peer >= size_ || (tried && (tried[peer / 64] >> (peer % 64) & 1))) return kNone;
    return peer;
  }
  void on_start(std::uint32_t peer) noexcept {
    if (on_start_) on_start_(table_, peer);
  }
  void on_end(std::uint32_t peer, std::uint32_t latency_us, std::int32_t outcome) noexcept {  // MCPR_OUTCOME_*
    if (on_end_) on_end_(table_, peer, latency_us, outcome);
  }
  std::size_t size() const { return size_; }

 private:
  friend class Balancer;
  struct Core;
  BalancerTable(std::shared_ptr<Core> core, void* table, std::size_t size);

  void* table_;
  std::size_t size_;
  std::uint32_t (*pick_)(void*, const mcpr_lb_request*);
  void (*on_start_)(void*, std::uint32_t);
  void (*on_end_)(void*, std::uint32_t, std::uint32_t, std::int32_t);
  std::shared_ptr<Core> core_;
};

class Balancer {
 public:
  // On the control thread. Null: the plugin refused, error says why.
  static std::unique_ptr<Balancer> create(std::shared_ptr<const LoadedPlugin> plugin, HostServices& services,
                                          std::string config_json, std::string& error);
  ~Balancer();  // the plugin's instance goes with the last table, on the control thread
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  // [any] previous: the table that the new one replaces; the caller sees to it that nobody uses it meanwhile, best by
  // building on the data thread that owns both. offset: another for each data thread. Null where the plugin fails,
  // which is logged: keep the previous table.
  std::unique_ptr<BalancerTable> build(std::span<const Peer> peers, const BalancerTable* previous,
                                       std::uint32_t offset);

  const LoadedPlugin& plugin() const;

 private:
  explicit Balancer(std::shared_ptr<BalancerTable::Core> core);
  std::shared_ptr<BalancerTable::Core> core_;
};

}  // namespace mcpr::plugin
