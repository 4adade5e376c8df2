// A source's successor, from its start until it takes over or is given up. No I/O; the time is passed in.
//
// What it publishes is kept apart until it has said all that it has, so that clients see one change and no gap.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/catalog/model.hpp"
#include "host/net/loop.hpp"
#include "host/plugin/discovery_source.hpp"

namespace mcpr::control {

class Takeover {
 public:
  Takeover(net::TimePoint now, net::Millis limit) : limit_(limit), deadline_(now + limit) {}

  void published(catalog::ServicePtr service) { services_.insert_or_assign(service->name, std::move(service)); }
  void withdrawn(const std::string& name) { services_.erase(name); }
  void synced() { synced_ = true; }
  void health(plugin::SourceHealth health) { health_ = std::move(health); }

  enum class Step : std::uint8_t { wait, take_over, give_up };
  // One that is down is given its time to recover: what it would take over from may be up.
  Step step(net::TimePoint now) const;
  net::TimePoint deadline() const { return deadline_; }
  std::string why_given_up() const;

  std::vector<catalog::ServicePtr> services() const;

 private:
  const net::Millis limit_;
  const net::TimePoint deadline_;
  std::map<std::string, catalog::ServicePtr> services_;
  plugin::SourceHealth health_;
  bool synced_ = false;
};

}  // namespace mcpr::control
