// Finds out which eras an instance speaks, where nobody has said so: one `server/discover` (2026-07-28). Control
// thread.
#pragma once

#include <functional>
#include <list>
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

  // Asks every instance of the directory whose eras are not known, and again later those that gave no answer. `ready`
  // runs once, when each has answered or failed, at the latest after `wait`; a newer watch() takes the place of an
  // older one.
  void watch(DirectoryPtr directory, net::Millis wait, UniqueFunction<void()> ready);

 private:
  friend class Probe;
  void ask_unknown();
  void done(Probe& probe);
  void settle();

  Origins& origins_;
  DirectoryPtr directory_;
  UniqueFunction<void()> ready_;
  std::list<std::unique_ptr<Probe>> probes_, ended_;
  net::Timer deadline_, again_;
  unsigned rounds_ = 0;
};

// The eras that an answer to `server/discover` shows. `status` of HTTP and the JSON text of its message.
std::uint8_t eras_from_discover(unsigned status, std::string_view json);

}  // namespace mcpr::upstream
