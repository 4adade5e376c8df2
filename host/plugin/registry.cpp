#include "host/plugin/registry.hpp"

#include <sys/stat.h>

#include <set>
#include <system_error>
#include <utility>

namespace mcpr::plugin {

namespace fs = std::filesystem;

void Registry::scan() {
  problem_.clear();
  std::set<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator it(options_.directory, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (it->path().extension() == ".so" && !name.starts_with('.')) files.insert(it->path());
  }
  if (failed) problem_ = "plugins folder " + options_.directory.string() + " cannot be read: " + failed.message();

  std::erase_if(entries_, [&](const auto& entry) { return !entry.second.plugin && !files.contains(entry.first); });
  for (const fs::path& file : files) {
    const auto known = entries_.find(file);
    if (known != entries_.end()) {
      const Entry& entry = known->second;
      if (entry.plugin || (entry.info.mapped && entry.version == version_of(file))) continue;
    }
    load(file);
  }
}

Registry::FileVersion Registry::version_of(const fs::path& file) {
  struct stat info{};
  if (::lstat(file.c_str(), &info) != 0) return {};
  return {info.st_ino, std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec};
}

void Registry::load(const fs::path& file) {
  Entry& entry = entries_[file];
  entry.version = version_of(file);
  entry.plugin = LoadedPlugin::load(file, options_, entry.info);
  if (!entry.plugin) return;
  std::set<std::string> names(entry.info.aliases.begin(), entry.info.aliases.end());
  names.insert(entry.info.id);
  for (const std::string& name : names) {
    const auto taken = names_.find(name);
    if (taken == names_.end()) continue;
    entry.info.state = PluginState::refused;
    entry.info.reason = "answers to the name '" + name + "', which " + taken->second->info().file.string() +
                        " has already: remove one of the two files";
    entry.plugin.reset();
    return;
  }
  for (const std::string& name : names) names_.emplace(name, entry.plugin);
}

std::vector<PluginInfo> Registry::list() const {
  std::vector<PluginInfo> out;
  for (const auto& [file, entry] : entries_) out.push_back(entry.info);
  return out;
}

std::shared_ptr<const LoadedPlugin> Registry::find(std::string_view id_or_alias) const {
  const auto found = names_.find(id_or_alias);
  return found == names_.end() ? nullptr : found->second;
}

}  // namespace mcpr::plugin
