#include "host/plugin/loaded_plugin.hpp"

#include <atomic>
#include <utility>

#include "host/plugin/manifest.hpp"

namespace mcpr::plugin {

LoadedPlugin::LoadedPlugin(PluginInfo info, PrivateCopy copy, std::unique_ptr<Library> library,
                           std::shared_ptr<Shelf> shelf)
    : info_(std::move(info)), copy_(std::move(copy)), library_(std::move(library)), shelf_(std::move(shelf)) {
  const auto extension = library_->manifest().get_extension;
  discovery_ = static_cast<const mcpr_discovery_factory*>(extension(MCPR_EXT_DISCOVERY));
  balancer_ = static_cast<const mcpr_balancer_factory*>(extension(MCPR_EXT_BALANCER));
  command_ = static_cast<const mcpr_command*>(extension(MCPR_EXT_COMMAND));
}

LoadedPlugin::~LoadedPlugin() {
  if (shelf_) shelf_->put(std::move(info_), std::move(library_));
}

std::shared_ptr<const LoadedPlugin> LoadedPlugin::open(Candidate candidate, std::shared_ptr<Shelf> shelf,
                                                       PluginInfo& info) {
  static std::atomic<std::uint64_t> loads{0};
  info = std::move(candidate.info);
  if (!candidate.copy) return nullptr;
  std::unique_ptr<Library> library = Library::open(candidate.copy.path(), info.reason);
  if (!library) return nullptr;
  info.mapped = true;
  info.generation = ++loads;
  info.reason = read_manifest(library->manifest(), info);
  if (!info.reason.empty()) {
    if (shelf) shelf->put(info, std::move(library));
    return nullptr;
  }
  if (info.unloadable && !candidate.stays.empty()) {
    info.unloadable = false;
    info.warnings.push_back("says that it can be unmapped, but stays: " + candidate.stays);
  }
  info.state = PluginState::loaded;
  return std::shared_ptr<const LoadedPlugin>(
      new LoadedPlugin(info, std::move(candidate.copy), std::move(library), std::move(shelf)));
}

std::shared_ptr<const LoadedPlugin> LoadedPlugin::load(const std::filesystem::path& file, const LoadOptions& options,
                                                       PluginInfo& info) {
  return open(examine(file, options), nullptr, info);
}

}  // namespace mcpr::plugin
