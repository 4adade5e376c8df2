// The sessions that this router knows, in shards so that data threads do not meet.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/session/session.hpp"

namespace mcpr::session {

class Table {
 public:
  explicit Table(std::size_t most) : most_(most) {}

  // [any] False: the table is full; nothing was added.
  bool add(SessionPtr session);
  SessionPtr find(std::string_view id) const;
  void remove(std::string_view id);
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }
  void set_most(std::size_t most) { most_.store(most, std::memory_order_relaxed); }

  // [any] Sessions that were silent since `before` (Session::touch). They stay in the table until removed.
  std::vector<SessionPtr> idle_since(std::uint32_t before) const;
  std::vector<SessionPtr> all() const { return idle_since(0xffffffffu); }

 private:
  struct Shard {
    mutable std::mutex mutex;
    // The keys are the sessions' own ids.
    std::unordered_map<std::string_view, SessionPtr> sessions;
  };
  static constexpr std::size_t kShards = 64;
  Shard& shard(std::string_view id) { return shards_[std::hash<std::string_view>()(id) % kShards]; }
  const Shard& shard(std::string_view id) const { return shards_[std::hash<std::string_view>()(id) % kShards]; }

  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> most_;
};

}  // namespace mcpr::session
