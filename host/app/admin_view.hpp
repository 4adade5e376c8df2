// What the admin listener shows of a router. Control thread.
#pragma once

#include <functional>

#include "host/app/runtime.hpp"
#include "host/control/admin.hpp"
#include "host/control/plugin_metrics.hpp"
#include "host/control/publisher.hpp"
#include "host/control/sources.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::app {

// The parts of a running router. They must outlive the view.
struct RouterParts {
  const server::HealthState& health;
  const control::PluginMetrics& plugin_metrics;
  const plugin::Registry& plugins;
  const control::Sources& sources;
  const control::Publisher& publisher;
  control::DataPlane& data;
  std::function<const config::Settings&()> settings;
};

control::AdminView admin_view(const RouterParts& parts);

}  // namespace mcpr::app
