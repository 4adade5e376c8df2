#include "host/plugin/command.hpp"

#include <exception>
#include <map>
#include <ostream>
#include <utility>

#include "host/plugin/abi.hpp"

namespace mcpr::plugin {

namespace {

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

void write(void* ctx, std::int32_t stream, mcpr_str text) {
  const Streams& streams = *static_cast<Streams*>(ctx);
  (stream == 2 ? streams.err : streams.out) << view(text);
}

}  // namespace

std::vector<Command> commands(const Registry& plugins) {
  std::map<std::string, Command> by_name;
  for (const PluginInfo& info : plugins.list()) {
    const auto plugin = info.state == PluginState::loaded ? plugins.find(info.id) : nullptr;
    if (!plugin || !plugin->command()) continue;
    const mcpr_command command = whole(plugin->command());
    const std::string name(view(command.name));
    by_name.try_emplace(name, Command{name, std::string(view(command.usage)), plugin});
  }
  std::vector<Command> out;
  for (auto& item : by_name) out.push_back(std::move(item.second));
  return out;
}

int run(const Command& command, const std::string& config, std::span<const std::string> arguments, std::ostream& out,
        std::ostream& err) {
  std::vector<mcpr_str> words;
  for (const std::string& argument : arguments) words.push_back(str(argument));
  Streams streams{out, err};
  try {
    return whole(command.plugin->command())
        .run(str(config), words.data(), static_cast<std::uint32_t>(words.size()), &write, &streams);
  } catch (const std::exception& thrown) {
    err << "the command " << command.name << " threw an exception: " << thrown.what() << "\n";
  } catch (...) {
    err << "the command " << command.name << " threw something that is no std::exception\n";
  }
  return 1;
}

}  // namespace mcpr::plugin
