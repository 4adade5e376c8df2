// The commands that plugins add to the program: `mcp-router NAME ARGUMENTS`.
#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/plugin/loaded_plugin.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::plugin {

struct Command {
  std::string name;
  std::string usage;  // lines
  std::shared_ptr<const LoadedPlugin> plugin;
};

// By name. Of two with the same name, that of the file that comes first.
std::vector<Command> commands(const Registry& plugins);

// Runs it on this thread. `config` is what a source of the plugin would get. The exit code.
int run(const Command& command, const std::string& config, std::span<const std::string> arguments, std::ostream& out,
        std::ostream& err);

}  // namespace mcpr::plugin
