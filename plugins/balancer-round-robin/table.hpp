// Smooth weighted round robin: each pick raises every peer's credit by its weight, takes the highest and charges it the
// sum. Shares are exact over a cycle, and a heavy peer's turns are spread over it. Where all weights are equal a cursor
// gives the same order without walking the peers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "mcpr/balancer.hpp"

namespace mcpr::round_robin {

class Table {
 public:
  Table(std::span<const mcpr_lb_peer> peers, const Table* previous, std::uint32_t offset) {
    const bool all_zero = std::ranges::all_of(peers, [](const mcpr_lb_peer& peer) { return peer.weight_milli == 0; });
    for (std::uint32_t i = 0; i < peers.size(); ++i) {
      if (peers[i].weight_milli == 0 && !all_zero) continue;
      turns_.push_back({peers[i].id_hash, all_zero ? 1 : peers[i].weight_milli, 0, i});
      sum_ += turns_.back().weight;
    }
    equal_ = std::ranges::all_of(turns_, [this](const Turn& turn) { return turn.weight == turns_.front().weight; });
    if (turns_.empty()) return;
    if (!previous || previous->turns_.empty() || previous->equal_ != equal_ || !carry_over(*previous)) advance(offset);
  }

  std::uint32_t pick(const mcpr_lb_request& request) noexcept { return equal_ ? next(request) : richest(request); }

 private:
  struct Turn {
    std::uint64_t id;
    std::int64_t weight;
    std::int64_t credit;
    std::uint32_t peer;
  };
  static constexpr std::uint32_t kMostSteps = 64;  // of advance(): each costs a walk over the peers

  std::uint32_t next(const mcpr_lb_request& request) noexcept {
    for (std::size_t left = turns_.size(); left > 0; --left) {
      const std::uint32_t peer = turns_[cursor_].peer;
      if (++cursor_ == turns_.size()) cursor_ = 0;
      if (!sdk::tried(request, peer)) return peer;
    }
    return sdk::kNoPeer;
  }

  // Peers that were tried neither earn nor pay, so that a broken one does not save up turns.
  std::uint32_t richest(const mcpr_lb_request& request) noexcept {
    Turn* best = nullptr;
    std::int64_t sum = 0;
    for (Turn& turn : turns_) {
      if (sdk::tried(request, turn.peer)) continue;
      turn.credit += turn.weight;
      sum += turn.weight;
      if (!best || turn.credit > best->credit) best = &turn;
    }
    if (!best) return sdk::kNoPeer;
    best->credit -= sum;
    return best->peer;
  }

  void advance(std::uint32_t offset) {
    if (equal_) {
      cursor_ = offset % turns_.size();
      return;
    }
    const auto steps = offset % std::min<std::size_t>(turns_.size(), kMostSteps);
    for (std::size_t i = 0; i < steps; ++i) richest(mcpr_lb_request{});
  }

  // Goes on where the previous table was, so that frequent changes do not favour the first peers. False: they share
  // none.
  bool carry_over(const Table& previous) {
    std::unordered_map<std::uint64_t, std::size_t> at;
    for (std::size_t i = 0; i < turns_.size(); ++i) at.emplace(turns_[i].id, i);
    bool any = false;
    for (std::size_t i = 0; i < previous.turns_.size(); ++i) {
      const Turn& old = previous.turns_[(previous.cursor_ + i) % previous.turns_.size()];
      const auto found = at.find(old.id);
      if (found == at.end()) continue;
      any = true;
      if (equal_) {
        cursor_ = found->second;
        break;
      }
      turns_[found->second].credit = std::clamp(old.credit, -sum_, sum_);
    }
    return any;
  }

  std::vector<Turn> turns_;  // those that take part
  std::int64_t sum_ = 0;
  bool equal_ = true;
  std::size_t cursor_ = 0;  // whose turn it is, where all weights are equal
};

}  // namespace mcpr::round_robin
