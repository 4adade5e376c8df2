// A balancer plugin in C++: derive from Balancer, give it a Table, export with MCPR_PLUGIN.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mcpr/host.hpp"

namespace mcpr::sdk {

inline constexpr std::uint32_t kNoPeer = MCPR_NO_PEER;

inline bool tried(const mcpr_lb_request& request, std::uint32_t peer) noexcept {
  return request.tried && (request.tried[peer / 64] >> (peer % 64) & 1);
}

// What the host measured; it writes on another thread.
inline std::uint32_t read_relaxed(const std::uint32_t& counter) noexcept {
  return __atomic_load_n(&counter, __ATOMIC_RELAXED);
}

// Base of a balancer B, which has besides:
//   class Table {                                                   one service on one data thread; calls never overlap
//     std::uint32_t pick(const mcpr_lb_request&) noexcept;           [hot] an index not in tried, or kNoPeer
//     void on_start(std::uint32_t peer) noexcept;                    [hot] may be missing
//     void on_end(std::uint32_t peer, std::uint32_t latency_us, std::int32_t outcome) noexcept;  [hot] may be missing
//   };
//   std::unique_ptr<Table> build(std::span<const mcpr_lb_peer>, const Table* previous, std::uint32_t offset) const;
//                                                                    [any] the peers are borrowed, but for their stat
class Balancer {
 public:
  struct Context {
    Host host;
    std::string_view config;  // JSON object; valid during the constructor
  };
  explicit Balancer(const Context& context) : host_(context.host) {}
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;
  const Host& host() const { return host_; }

 protected:
  ~Balancer() = default;

 private:
  Host host_;
};

namespace detail {

template <class B>
class BalancerTable {
  using Table = typename B::Table;
  static_assert(noexcept(std::declval<Table&>().pick(std::declval<const mcpr_lb_request&>())),
                "Table::pick must be noexcept: it runs in the middle of a request");

 public:
  static const mcpr_balancer* create(const mcpr_host* host, mcpr_str config, mcpr_err* err) noexcept {
    const mcpr_balancer* made = nullptr;
    guarded(
        [&] {
          auto holder = std::make_unique<BalancerTable>(Balancer::Context{Host(host), view(config)});
          made = &holder.release()->table_;  // freed by destroy
        },
        [&](mcpr_status, std::string_view text) { write_error(err, text); });
    return made;
  }

  explicit BalancerTable(const Balancer::Context& context) : balancer_(context) {
    table_.struct_size = sizeof table_;
    table_.self = this;
    table_.build = &build;
    table_.discard = [](void*, void* table) { const std::unique_ptr<Table> gone(static_cast<Table*>(table)); };
    table_.pick = [](void* table, const mcpr_lb_request* request) {
      return static_cast<Table*>(table)->pick(*request);
    };
    if constexpr (requires(Table& table) { table.on_start(0u); }) {
      table_.on_start = [](void* table, std::uint32_t peer) { static_cast<Table*>(table)->on_start(peer); };
    }
    if constexpr (requires(Table& table) { table.on_end(0u, 0u, 0); }) {
      table_.on_end = [](void* table, std::uint32_t peer, std::uint32_t latency_us, std::int32_t outcome) {
        static_cast<Table*>(table)->on_end(peer, latency_us, outcome);
      };
    }
    table_.destroy = [](void* self) { const std::unique_ptr<BalancerTable> gone(static_cast<BalancerTable*>(self)); };
  }

 private:
  static void* build(void* self, const mcpr_lb_peer* peers, std::uint32_t n, std::uint32_t peer_size, const void* prev,
                     std::uint32_t offset, mcpr_err* err) noexcept {
    void* made = nullptr;
    guarded(
        [&] {
          std::vector<mcpr_lb_peer> copies(n);
          const auto* at = reinterpret_cast<const char*>(peers);
          for (mcpr_lb_peer& copy : copies) {
            std::memcpy(&copy, at, std::min<std::size_t>(peer_size, sizeof copy));
            at += peer_size;
          }
          std::unique_ptr<Table> table = static_cast<BalancerTable*>(self)->balancer_.build(
              std::span<const mcpr_lb_peer>(copies), static_cast<const Table*>(prev), offset);
          made = table.release();  // freed by discard
        },
        [&](mcpr_status, std::string_view text) { write_error(err, text); });
    return made;
  }

  mcpr_balancer table_{};
  B balancer_;
};

template <class B>
inline constexpr mcpr_balancer_factory balancer_factory{sizeof(mcpr_balancer_factory), 0, &BalancerTable<B>::create};

}  // namespace detail
}  // namespace mcpr::sdk
