#include "host/app/plugin_command.hpp"

#include <algorithm>
#include <ostream>
#include <vector>

#include "host/app/source_plans.hpp"
#include "host/config/key.hpp"
#include "host/plugin/command.hpp"

namespace mcpr::app {

namespace {

std::string config_for(const plugin::LoadedPlugin& plugin, const Configuration& configuration,
                       const plugin::Registry& plugins) {
  // A plugin that no source uses has a configuration all the same.
  Configuration all = configuration;
  all.settings.plugins.automatic = true;
  config::Problems said_before;  // by check_plugins
  for (const control::SourcePlan& plan : source_plans(all, plugins, said_before)) {
    const auto used = plugins.find(plan.plugin);
    if (used && used->id() == plugin.id()) return plan.config;
  }
  return "{}";
}

int unknown(const std::string& word, const std::vector<plugin::Command>& commands, std::ostream& err) {
  err << "mcp-router: unknown command '" << word << "'";
  std::vector<std::string> names;
  for (const plugin::Command& command : commands) names.push_back(command.name);
  if (const auto near = config::nearest(word, names)) {
    err << "; did you mean '" << *near << "'?";
  } else {
    err << (names.empty() ? "; no installed plugin adds one" : "; installed plugins add: ");
    for (std::size_t i = 0; i < names.size(); ++i) err << (i ? ", " : "") << names[i];
  }
  err << "\n";
  return 2;
}

}  // namespace

std::string plugin_commands_usage(const plugin::Registry& plugins) {
  std::string out;
  for (const plugin::Command& command : plugin::commands(plugins)) {
    out += out.empty() ? "\nCommands of plugins:\n" : "";
    std::string_view usage = command.usage.empty() ? command.name : command.usage;
    while (!usage.empty()) {
      const std::string_view line = usage.substr(0, usage.find('\n'));
      out += "  mcp-router " + std::string(line) + "\n";
      usage.remove_prefix(std::min(line.size() + 1, usage.size()));
    }
  }
  return out;
}

int run_plugin_command(const Configuration& configuration, const plugin::Registry& plugins,
                       std::span<const std::string> words, std::ostream& out, std::ostream& err) {
  const std::vector<plugin::Command> commands = plugin::commands(plugins);
  const auto command = std::find_if(commands.begin(), commands.end(),
                                    [&](const plugin::Command& at) { return at.name == words.front(); });
  if (command == commands.end()) return unknown(words.front(), commands, err);
  const std::span<const std::string> arguments = words.subspan(1);
  if (!arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h")) {
    out << command->usage << "\n";
    return 0;
  }
  return plugin::run(*command, config_for(*command->plugin, configuration, plugins), arguments, out, err);
}

}  // namespace mcpr::app
