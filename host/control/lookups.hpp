// What is known of the names that clients have asked for and that no source has published: which are being asked for,
// which were found and are kept, which were not found lately. No I/O; time is passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mcpr::control {

class Lookups {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Millis = std::chrono::milliseconds;

  struct Limits {
    Millis ttl{60'000};             // of what was found
    Millis negative_ttl{5'000};     // of what was not
    std::size_t max_names = 1'000;  // but for those that are kept
    bool operator==(const Limits&) const = default;
  };
  enum class Answer : std::uint8_t {
    ask,     // the sources must be asked; found(), absent() or failed() follows
    wait,    // they are being asked
    absent,  // they were asked lately
    failed,  // likewise, and could not say
    busy     // as many names are asked for or remembered as are allowed: what a scan costs the sources is bounded by it
  };

  void set_limits(const Limits& limits) { limits_ = limits; }

  // A client wants a service that the catalog does not have.
  Answer wanted(const std::string& name, TimePoint now);
  void found(const std::string& name, TimePoint now);
  void absent(const std::string& name, TimePoint now);
  // One that was found before is kept: a source that cannot be reached takes nothing away.
  void failed(const std::string& name, TimePoint now);
  void forget(const std::string& name);  // it is none of ours any more

  bool asking(const std::string& name) const;
  bool kept(const std::string& name) const;  // found, also while it is asked for anew

  // The kept names whose time is over; each must be asked for anew or forgotten, and counts as being asked for.
  std::vector<std::string> due(TimePoint now);
  std::optional<TimePoint> next() const;  // when due() is to be called
  std::size_t size() const { return names_.size(); }

 private:
  enum class State : std::uint8_t { asking, absent, failed, kept, renewing };
  struct Name {
    State state;
    TimePoint until;  // of those that wait for it
  };
  using Names = std::map<std::string, Name>;
  using Expiry = std::set<std::pair<TimePoint, std::string>>;

  void set(const std::string& name, State state, TimePoint until);
  Expiry* expiry(State state);
  void purge(TimePoint now);

  Limits limits_;
  Names names_;
  Expiry negative_, kept_;
};

}  // namespace mcpr::control
