// Which server to connect to, and how long to wait before. No clock and no I/O of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "config/address.hpp"
#include "sync/agenda.hpp"

namespace mcpr::nacos {

class Rotation {
 public:
  using Millis = std::chrono::milliseconds;

  Rotation(std::vector<Address> servers, std::size_t first, std::uint32_t seed)
      : servers_(std::move(servers)), at_(first % servers_.size()), random_(seed) {}

  const Address& server() const { return advised_ ? *advised_ : servers_[at_]; }

  // The server could not be connected to, or the connection was lost: the next one, and the wait before it. All are
  // tried before there is a long wait.
  Millis failed() {
    advised_.reset();
    at_ = (at_ + 1) % servers_.size();
    if (++failures_ < servers_.size()) return jitter(kBetween);
    failures_ = 0;
    return jitter(backoff_.failed());
  }
  // The connection has held for a while: a loss after it is a new matter.
  void held() {
    failures_ = 0;
    backoff_.succeeded();
  }
  // The server asks us to go to another one; none of ours is named: to the next.
  Millis sent_away(std::string_view host, std::uint16_t port) {
    advised_.reset();
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      if (servers_[i].host == host && servers_[i].port == port) {
        at_ = i;
        return jitter(kBetween);
      }
    }
    if (host.empty() || port == 0) {
      at_ = (at_ + 1) % servers_.size();
    } else {
      advised_ = servers_[at_];
      advised_->host = host;
      advised_->port = port;
    }
    return jitter(kBetween);
  }

 private:
  static constexpr Millis kBetween{100};

  // Up to a fifth more or less: the routers of one cluster should not come all at once.
  Millis jitter(Millis wait) {
    const auto fifth = wait.count() / 5;
    return wait + Millis(std::uniform_int_distribution<std::int64_t>(-fifth, fifth)(random_));
  }

  std::vector<Address> servers_;
  std::size_t at_;
  std::optional<Address> advised_;
  std::size_t failures_ = 0;
  Backoff backoff_{Millis(500), Millis(5'000)};
  std::minstd_rand random_;
};

}  // namespace mcpr::nacos
