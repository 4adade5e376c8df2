// The file source: loads when something changed, and publishes what is different.
#pragma once

#include <chrono>
#include <map>
#include <mcpr/sdk.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config.hpp"
#include "load.hpp"
#include "watcher.hpp"

namespace mcpr::file {

// Everything runs on the control thread, but for load_now, which the host's blocking pool runs.
class Source : public sdk::Discovery {
 public:
  explicit Source(const Context& context);  // throws where the configuration or a service in it is wrong
  void start() override;
  void stop(sdk::Answer done) override;

 private:
  using Clock = std::chrono::steady_clock;

  void changed();     // something happened: load once it has been quiet
  void begin_load();  // on the pool, one at a time
  Loaded load_now();  // [pool]
  void apply(const Loaded& loaded);
  void publish(const std::vector<Found>& services);
  void report(const Loaded& loaded);

  Config config_;
  Watcher watcher_;
  std::optional<sdk::FdWatch> events_;
  sdk::Timer quiet_;
  sdk::Timer poll_;  // only where inotify cannot see everything
  std::optional<Clock::time_point> first_change_;
  bool loading_ = false;
  bool load_again_ = false;
  bool stopped_ = false;
  bool whole_ = false;  // all files could be read once: from then on a broken one changes nothing

  std::map<std::string, Service> published_;
  std::uint64_t revision_ = 0;
  std::vector<std::string> said_;  // the lines of the last report, so that each is logged once
};

}  // namespace mcpr::file
