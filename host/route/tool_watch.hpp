// Who on one data thread wants to hear that the tools of a service have changed, by service: a change costs nothing for
// the others. Time is passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mcpr::route {

class ToolWatch;

namespace detail {

// A place in a ring of listeners; the head of a ring is one too.
struct ToolLink {
  ToolLink() = default;
  ToolLink(const ToolLink&) = delete;
  ToolLink& operator=(const ToolLink&) = delete;
  bool alone() const { return next == this; }
  void unlink();
  void join(ToolLink& head);      // as the last of the ring
  void take_all(ToolLink& head);  // of another ring, behind our own
  ToolLink *prev = this, *next = this;
};

struct WatchedService {
  std::string name;
  std::uint64_t revision = 0;
  ToolLink quiet;    // they know all there is to know
  ToolLink waiting;  // for the next round
  ToolLink round;    // being told
  std::optional<std::chrono::steady_clock::time_point> told;
  bool queued = false;
  bool empty() const { return quiet.alone() && waiting.alone() && round.alone(); }
};

}  // namespace detail

// A stream or a session that can be told. Leaves its watch when it is destroyed.
class ToolListener : private detail::ToolLink {
 public:
  // `revision`: of the tools as they are now (upstream::ServiceEntry). May destroy listeners, also itself.
  virtual void on_tools_changed(std::uint64_t revision) = 0;
  virtual void on_watch_closed() {}  // the router is shutting down; it is in the watch no more

 protected:
  ~ToolListener();

 private:
  friend class ToolWatch;
  ToolWatch* watch_ = nullptr;
  detail::WatchedService* service_ = nullptr;
};

// Tells a burst of changes as one: a service's listeners hear at most once in kPace, and of the last change always.
class ToolWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPace{1000};
  static constexpr std::size_t kAtOnce = 256;  // listeners told before the loop gets its turn

  ToolWatch() = default;
  ~ToolWatch();
  ToolWatch(const ToolWatch&) = delete;
  ToolWatch& operator=(const ToolWatch&) = delete;

  // `behind`: it has missed a change up to `revision` and is told of it when the pace allows. Once more: anew.
  void add(ToolListener& listener, std::string_view service, std::uint64_t revision, bool behind);
  void remove(ToolListener& listener);  // if it is in
  void changed(std::string_view service, std::uint64_t revision);

  // Tells those whose time has come, a bounded number. Returns when it wants to be called next; nothing: not before
  // waiting() is true again.
  std::optional<TimePoint> tell(TimePoint now);
  bool waiting() const { return !queue_.empty(); }
  void close();  // tells each that it is over
  std::size_t services() const { return services_.size(); }

 private:
  using Service = detail::WatchedService;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void queue(Service& service);
  void forget_if_empty(Service& service);
  ToolListener* first();  // any; null: there is none

  std::unordered_map<std::string, Service, Hash, std::equal_to<>> services_;
  std::list<Service*> queue_;  // those with somebody to tell
};

}  // namespace mcpr::route
