// A plugin whose library is in this process.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "host/plugin/info.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

struct LoadOptions {
  std::filesystem::path directory;          // where plugins lie
  std::filesystem::path runtime_directory;  // for private copies: ours alone, not mounted noexec; made if missing
  bool strict = true;  // a file that somebody else could change is refused; else it is loaded with a warning
};

// Immutable, and may be used on any thread. The library stays mapped until the process ends, because text and code of a
// plugin may be referred to from places nobody counts; the private copy is removed with this object.
class LoadedPlugin {
 public:
  // Checks, copies and loads a file. Null where it is refused: info then says why.
  static std::shared_ptr<const LoadedPlugin> load(const std::filesystem::path& file, const LoadOptions& options,
                                                  PluginInfo& info);
  ~LoadedPlugin();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  const PluginInfo& info() const { return info_; }
  const std::string& id() const { return info_.id; }
  const std::filesystem::path& private_copy() const { return copy_; }
  // Null where the plugin is none of that kind.
  const mcpr_discovery_factory* discovery() const { return discovery_; }
  const mcpr_balancer_factory* balancer() const { return balancer_; }
  const mcpr_command* command() const { return command_; }

 private:
  LoadedPlugin(PluginInfo info, std::filesystem::path copy, const mcpr_plugin& manifest);

  PluginInfo info_;
  std::filesystem::path copy_;
  const mcpr_discovery_factory* discovery_;
  const mcpr_balancer_factory* balancer_;
  const mcpr_command* command_;
};

}  // namespace mcpr::plugin
