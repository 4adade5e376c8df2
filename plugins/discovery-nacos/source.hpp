// The Nacos source: what the host asks of it, handed to what knows.
#pragma once

#include <mcpr/sdk.hpp>
#include <memory>
#include <string>

#include "config/settings.hpp"
#include "sync/agenda.hpp"
#include "sync/sync.hpp"
#include "transports.hpp"

namespace mcpr::nacos {

// Everything runs on the control thread; gRPC's own thread only posts to it.
class Source : public sdk::Discovery {
 public:
  explicit Source(const Context& context);  // throws where the configuration is wrong
  void start() override;
  void lookup(std::string_view name, sdk::Answer answer) override;
  void announce(const sdk::Service& service, bool up, sdk::Answer answer) override;
  void stop(sdk::Answer done) override;

 private:
  Sync::Out out();
  void rearm();
  std::string unused() const;  // why there is nothing to do; empty: there is

  Settings settings_;
  bool stopped_ = false;  // before what sets alarms while it is made: rearm reads it
  sdk::Timer timer_;
  Agenda agenda_;
  Transports transports_;
  Sync sync_;
};

}  // namespace mcpr::nacos
