// Finds out which eras an instance speaks, where nobody has said so: one `server/discover` (2026-07-28). Control
// thread.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>

#include "host/net/timer.hpp"
#include "host/upstream/directory.hpp"
#include "host/upstream/origins.hpp"

namespace mcpr::upstream {

class Probe;

class Prober {
 public:
  Prober(net::Loop& loop, Origins& origins);
  ~Prober();

  // Asks the instances that are new in the directory and whose eras are not known, some at a time; those that give no
  // answer are asked again, ever more seldom. `ready` runs once, when each new one has answered or failed, at the
  // latest `wait` after the first watch() that waits. A newer watch() takes the place of an older one.
  void watch(DirectoryPtr directory, net::Millis wait, UniqueFunction<void()> ready);

 private:
  friend class Probe;
  struct Wanted {
    InstancePtr instance;
    unsigned asked;  // how often already; 0: `ready` waits for it
  };
  struct Silent {
    std::weak_ptr<Instance> instance;
    unsigned asked;
  };
  void want(const InstancePtr& instance, unsigned asked);
  void ask();
  void ask_again();
  void done(Probe& probe);
  void settle();

  Origins& origins_;
  DirectoryPtr directory_ = std::make_shared<Directory>();
  UniqueFunction<void()> ready_;
  std::deque<Wanted> wanted_;
  std::size_t fresh_ = 0;  // in wanted_ and probes_
  std::list<std::unique_ptr<Probe>> probes_, ended_;
  std::multimap<net::TimePoint, Silent> silent_;  // by when they are asked again
  net::Timer deadline_, again_, next_;
};

// The eras that an answer to `server/discover` shows. `status` of HTTP and the JSON text of its message.
std::uint8_t eras_from_discover(unsigned status, std::string_view json);

}  // namespace mcpr::upstream
