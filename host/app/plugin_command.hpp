// Commands of plugins, with the configuration that their sources would have.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "host/app/runtime.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::app {

// Lines for --help; empty: no plugin has a command.
std::string plugin_commands_usage(const plugin::Registry& plugins);

// The first word names the command. It gets the configuration of the first source of discovery-order that its plugin
// is, else what stands under the plugin's prefixes. The exit code; 2 where there is no such command.
int run_plugin_command(const Configuration& configuration, const plugin::Registry& plugins,
                       std::span<const std::string> words, std::ostream& out, std::ostream& err);

}  // namespace mcpr::app
