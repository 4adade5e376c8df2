// Keys to be fetched, a few at a time, each once however often it is asked for; a key that is asked for while it is
// under way is fetched again. Failed ones come back later. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "agenda.hpp"

namespace mcpr::nacos {

template <class Key>
class FetchQueue {
 public:
  enum class Outcome : std::uint8_t { done, again };  // again: it failed in a way that may pass
  using Done = std::function<void(Outcome)>;
  using Fetch = std::function<void(const Key&, Done)>;  // must call Done once, not inside the call

  FetchQueue(
      Agenda& agenda, std::size_t at_once, Fetch fetch, std::function<void()> on_idle = [] {})
      : at_once_(at_once),
        fetch_(std::move(fetch)),
        on_idle_(std::move(on_idle)),
        backoff_(std::chrono::milliseconds(250), std::chrono::milliseconds(10'000)),
        retry_(agenda, [this] { retry(); }) {}
  FetchQueue(const FetchQueue&) = delete;
  FetchQueue& operator=(const FetchQueue&) = delete;

  void add(const Key& key) {
    failed_.erase(key);
    if (const auto at = running_.find(key); at != running_.end()) {
      at->second = true;
    } else if (waiting_.insert(key).second) {
      order_.push_back(key);
      pump();
    }
  }
  void remove(const Key& key) {
    waiting_.erase(key);
    failed_.erase(key);
    if (const auto at = running_.find(key); at != running_.end()) at->second = false;
  }
  // Forgets everything; what is under way is answered to nobody.
  void clear() {
    ++generation_;
    order_.clear();
    waiting_.clear();
    running_.clear();
    failed_.clear();
    retry_.cancel();
    backoff_.succeeded();
  }
  bool idle() const { return waiting_.empty() && running_.empty(); }

 private:
  void pump() {
    while (running_.size() < at_once_ && !order_.empty()) {
      const Key key = std::move(order_.front());
      order_.pop_front();
      if (waiting_.erase(key) == 0) continue;
      running_.emplace(key, false);
      fetch_(key, [this, key, generation = generation_](Outcome outcome) {
        if (generation == generation_) ended(key, outcome);
      });
    }
  }
  void ended(const Key& key, Outcome outcome) {
    const auto at = running_.find(key);
    const bool once_more = at->second;
    running_.erase(at);
    if (once_more) {
      if (waiting_.insert(key).second) order_.push_back(key);
    } else if (outcome == Outcome::again) {
      failed_.insert(key);
      if (!retry_.set()) retry_.after(backoff_.failed());
    } else {
      backoff_.succeeded();
    }
    pump();
    if (idle()) on_idle_();
  }
  void retry() {
    for (const Key& key : std::exchange(failed_, {})) add(key);
  }

  std::size_t at_once_;
  Fetch fetch_;
  std::function<void()> on_idle_;
  std::deque<Key> order_;
  std::set<Key> waiting_;
  std::map<Key, bool> running_;  // true: fetch once more
  std::set<Key> failed_;
  std::uint64_t generation_ = 0;
  Backoff backoff_;
  Agenda::Alarm retry_;
};

}  // namespace mcpr::nacos
