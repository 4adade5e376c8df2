// Things that are watched while anybody is interested in them, with what is known of each. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace mcpr::nacos {

template <class Key, class Value>
class WatchTable {
 public:
  using Task = std::function<void()>;

  // The first interest in a key has come, the last one has gone.
  struct Hooks {
    std::function<void(const Key&)> added;
    std::function<void(const Key&)> removed;
  };
  explicit WatchTable(Hooks hooks) : hooks_(std::move(hooks)) {}
  WatchTable(const WatchTable&) = delete;
  WatchTable& operator=(const WatchTable&) = delete;

  // Ends with its destruction. The table must outlive it.
  class Interest {
   public:
    Interest() = default;
    Interest(WatchTable& table, Key key, std::uint64_t id) : table_(&table), key_(std::move(key)), id_(id) {}
    Interest(Interest&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)), key_(std::move(other.key_)), id_(other.id_) {}
    Interest& operator=(Interest&& other) noexcept {
      if (this == &other) return *this;
      reset();
      table_ = std::exchange(other.table_, nullptr);
      key_ = std::move(other.key_);
      id_ = other.id_;
      return *this;
    }
    ~Interest() { reset(); }
    void reset() {
      if (WatchTable* table = std::exchange(table_, nullptr)) table->drop(key_, id_);
    }
    explicit operator bool() const { return table_ != nullptr; }
    const Key& key() const { return key_; }

   private:
    WatchTable* table_ = nullptr;
    Key key_;
    std::uint64_t id_ = 0;
  };

  // on_change is called whenever another value is set; never by watch itself.
  [[nodiscard]] Interest watch(const Key& key, Task on_change) {
    const auto [at, added] = entries_.try_emplace(key);
    const std::uint64_t id = ++count_;
    at->second.watchers.emplace(id, std::make_shared<Task>(std::move(on_change)));
    Interest interest(*this, key, id);
    if (added) hooks_.added(key);
    return interest;
  }

  bool has(const Key& key) const { return entries_.count(key) > 0; }
  const Value* find(const Key& key) const {  // null: not known yet
    const auto at = entries_.find(key);
    return at == entries_.end() || !at->second.value ? nullptr : &*at->second.value;
  }

  // Nothing happens where nobody is interested, or the value is the same.
  void set(const Key& key, Value value) {
    const auto at = entries_.find(key);
    if (at == entries_.end() || at->second.value == value) return;
    at->second.value = std::move(value);
    std::vector<std::uint64_t> ids;
    for (const auto& item : at->second.watchers) ids.push_back(item.first);
    for (const std::uint64_t id : ids) {  // any of them may end interests, its own too
      const auto entry = entries_.find(key);
      if (entry == entries_.end()) return;
      const auto watcher = entry->second.watchers.find(id);
      if (watcher == entry->second.watchers.end()) continue;
      const std::shared_ptr<Task> task = watcher->second;
      (*task)();
    }
  }

  std::vector<Key> keys() const {
    std::vector<Key> out;
    out.reserve(entries_.size());
    for (const auto& item : entries_) out.push_back(item.first);
    return out;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::optional<Value> value;
    std::map<std::uint64_t, std::shared_ptr<Task>> watchers;
  };
  void drop(const Key& key, std::uint64_t id) {
    const auto at = entries_.find(key);
    if (at == entries_.end()) return;
    const std::shared_ptr<Task> kept = at->second.watchers[id];  // may be running
    at->second.watchers.erase(id);
    if (!at->second.watchers.empty()) return;
    const Key gone = at->first;
    entries_.erase(at);
    hooks_.removed(gone);
  }

  Hooks hooks_;
  std::map<Key, Entry> entries_;
  std::uint64_t count_ = 0;
};

}  // namespace mcpr::nacos
