// From discovery-order and the installed plugins to the sources that the control thread runs.
#pragma once

#include <vector>

#include "host/app/runtime.hpp"
#include "host/control/sources.hpp"
#include "host/plugin/probe_dialogue.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::app {

// The configuration prefixes that the newest versions of plugins take, and those that were removed while it runs.
std::vector<config::Claim> plugin_claims(const plugin::Registry& plugins);

// The entries of discovery-order, then, under plugins.auto, the discovery plugins that no entry names. Each with its
// part of the configuration; what a schema refuses there goes to problems.
std::vector<control::SourcePlan> source_plans(const Configuration& configuration, const plugin::Registry& plugins,
                                              config::Problems& problems);

// The sources that would use a plugin with this manifest, were it installed.
std::vector<plugin::ProbeSource> sources_using(const Configuration& configuration, const plugin::PluginInfo& manifest);

// What discovery-order and load-balancer name and the plugins folder does not have.
void check_plugins(const Configuration& configuration, const plugin::Registry& plugins, config::Problems& problems);

}  // namespace mcpr::app
