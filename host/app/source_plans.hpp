// From discovery-order and the installed plugins to the sources that the control thread runs.
#pragma once

#include <string_view>
#include <vector>

#include "host/app/runtime.hpp"
#include "host/control/sources.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::app {

bool is_kind(const plugin::PluginInfo& info, std::string_view kind);

// The configuration prefixes that loaded plugins take.
std::vector<config::Claim> plugin_claims(const plugin::Registry& plugins);

// The entries of discovery-order, then, under plugins.auto, the discovery plugins that no entry names. Each with its
// part of the configuration; what a schema refuses there goes to problems.
std::vector<control::SourcePlan> source_plans(const Configuration& configuration, const plugin::Registry& plugins,
                                              config::Problems& problems);

// What discovery-order and load-balancer name and the plugins folder does not have.
void check_plugins(const Configuration& configuration, const plugin::Registry& plugins, config::Problems& problems);

}  // namespace mcpr::app
