#include "host/session/table.hpp"

namespace mcpr::session {

bool Table::add(SessionPtr session) {
  if (size_.fetch_add(1, std::memory_order_relaxed) >= most_.load(std::memory_order_relaxed)) {
    size_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  Shard& at = shard(session->id());
  const std::lock_guard lock(at.mutex);
  const std::string_view key = session->id();
  if (!at.sessions.emplace(key, std::move(session)).second) size_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

SessionPtr Table::find(std::string_view id) const {
  const Shard& at = shard(id);
  const std::lock_guard lock(at.mutex);
  const auto found = at.sessions.find(id);
  return found == at.sessions.end() ? nullptr : found->second;
}

void Table::remove(std::string_view id) {
  SessionPtr keep;  // the key lives in the session: it must outlast the erasing
  Shard& at = shard(id);
  const std::lock_guard lock(at.mutex);
  const auto found = at.sessions.find(id);
  if (found == at.sessions.end()) return;
  keep = found->second;
  at.sessions.erase(found);
  size_.fetch_sub(1, std::memory_order_relaxed);
}

std::vector<SessionPtr> Table::idle_since(std::uint32_t before) const {
  std::vector<SessionPtr> out;
  for (const Shard& at : shards_) {
    const std::lock_guard lock(at.mutex);
    for (const auto& [id, session] : at.sessions) {
      if (session->last_active() < before) out.push_back(session);
    }
  }
  return out;
}

}  // namespace mcpr::session
