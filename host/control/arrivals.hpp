// When a file of a watched folder may be looked at: once it has been quiet for a moment, and not while somebody writes
// to it. No I/O; the time is passed in.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "host/net/loop.hpp"

namespace mcpr::control {

class Arrivals {
 public:
  explicit Arrivals(net::Millis quiet) : quiet_(quiet) {}

  void created(const std::string& name, net::TimePoint now);  // empty as yet, or a link, which nobody closes
  void written(const std::string& name, net::TimePoint now);  // and more may come
  void settled(const std::string& name, net::TimePoint now);  // closed by who wrote to it, moved here, or gone
  void rights(const std::string& name, net::TimePoint now);   // others
  void missed(net::TimePoint now);                            // events were lost: anything may have happened

  // Forgets the files that are ripe. True: there were some, the folder is to be looked at.
  bool take_ripe(net::TimePoint now);
  bool waiting(const std::string& name) const { return files_.contains(name); }
  std::optional<net::TimePoint> next() const;  // when something will be ripe

 private:
  // Whoever creates a file writes to it soon after.
  static constexpr net::Millis kCreated{2'000};
  // A writer that is gone has closed the file; only of one whose close was lost nobody hears again.
  static constexpr net::Millis kWriting{600'000};

  const net::Millis quiet_;
  std::map<std::string, net::TimePoint> files_;  // when they are ripe
  std::optional<net::TimePoint> missed_;
};

}  // namespace mcpr::control
