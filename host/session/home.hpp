// The live parts of the sessions whose home is one data thread: client streams that are written message by message,
// upstream links, pending requests. Sessions that are passed through byte by byte have none.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/net/loop.hpp"

namespace mcpr::session {

// One session's live parts. Used on its home's thread only.
class Live {
 public:
  virtual ~Live() = default;
  virtual void close(std::string_view reason) = 0;  // ends streams and links; the home destroys it afterwards
};

class Home {
 public:
  explicit Home(net::Loop& loop) : loop_(loop) {}

  void add(const std::string& id, std::unique_ptr<Live> live) { live_[id] = std::move(live); }
  Live* find(std::string_view id) const {
    const auto found = live_.find(std::string(id));
    return found == live_.end() ? nullptr : found->second.get();
  }
  void remove(std::string_view id, std::string_view reason);
  void close_all(std::string_view reason);
  std::size_t size() const { return live_.size(); }

  // [any] The mailbox: runs the task on the home's thread with the session's live parts, or with none if it has ended.
  void post(std::string id, UniqueFunction<void(Live*)> task);

 private:
  net::Loop& loop_;
  std::unordered_map<std::string, std::unique_ptr<Live>> live_;
};

}  // namespace mcpr::session
