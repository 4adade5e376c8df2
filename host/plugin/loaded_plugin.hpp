// A plugin whose library is in this process.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "host/plugin/candidate.hpp"
#include "host/plugin/info.hpp"
#include "host/plugin/library.hpp"
#include "host/plugin/shelf.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Immutable, and may be used on any thread. Who has an instance of the plugin holds it. When the last one lets go, the
// private copy is removed and the library goes to the shelf, where it is unmapped if it may be.
class LoadedPlugin {
 public:
  // Loads what was examined. Null where it is refused; info then says why.
  static std::shared_ptr<const LoadedPlugin> open(Candidate candidate, std::shared_ptr<Shelf> shelf, PluginInfo& info);
  // Examines and loads a file whose library then stays mapped.
  static std::shared_ptr<const LoadedPlugin> load(const std::filesystem::path& file, const LoadOptions& options,
                                                  PluginInfo& info);
  ~LoadedPlugin();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  const PluginInfo& info() const { return info_; }
  const std::string& id() const { return info_.id; }
  const std::filesystem::path& private_copy() const { return copy_.path(); }
  // Null where the plugin is none of that kind.
  const mcpr_discovery_factory* discovery() const { return discovery_; }
  const mcpr_balancer_factory* balancer() const { return balancer_; }
  const mcpr_command* command() const { return command_; }

 private:
  LoadedPlugin(PluginInfo info, PrivateCopy copy, std::unique_ptr<Library> library, std::shared_ptr<Shelf> shelf);

  PluginInfo info_;
  PrivateCopy copy_;
  std::unique_ptr<Library> library_;
  std::shared_ptr<Shelf> shelf_;  // null: the library stays mapped
  const mcpr_discovery_factory* discovery_;
  const mcpr_balancer_factory* balancer_;
  const mcpr_command* command_;
};

}  // namespace mcpr::plugin
