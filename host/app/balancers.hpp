// The balancers of the installed plugins. Control thread.
#pragma once

#include "host/config/settings.hpp"
#include "host/plugin/registry.hpp"
#include "host/upstream/routes.hpp"

namespace mcpr::app {

// One of each balancer plugin; those that cannot be made are logged.
upstream::BalancersPtr make_balancers(const config::Settings& settings, const plugin::Registry& plugins,
                                      plugin::HostServices& services);

}  // namespace mcpr::app
