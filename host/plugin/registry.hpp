// The plugins folder: which files are there, which of them are loaded, and who answers to which name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugin/info.hpp"
#include "host/plugin/loaded_plugin.hpp"

namespace mcpr::plugin {

// Used on one thread.
class Registry {
 public:
  explicit Registry(LoadOptions options) : options_(std::move(options)) {}

  // Loads every *.so of the folder that is not loaded, in the order of their names, and tries those again that were
  // refused; one whose library was already mapped only when its file has changed, since each try maps another copy. One
  // bad file keeps no other from loading. What is loaded stays, whatever happens to its file.
  void scan();
  // Why the folder could not be read at the last scan; empty: it could.
  const std::string& problem() const { return problem_; }

  std::vector<PluginInfo> list() const;  // by file name
  std::shared_ptr<const LoadedPlugin> find(std::string_view id_or_alias) const;

 private:
  // Inode and time of change: another one for every write, replacement and chmod.
  struct FileVersion {
    std::uint64_t inode = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const FileVersion&) const = default;
  };
  struct Entry {
    PluginInfo info;
    std::shared_ptr<const LoadedPlugin> plugin;  // null: refused
    FileVersion version;
  };
  static FileVersion version_of(const std::filesystem::path& file);
  void load(const std::filesystem::path& file);

  LoadOptions options_;
  std::map<std::filesystem::path, Entry> entries_;
  std::map<std::string, std::shared_ptr<const LoadedPlugin>, std::less<>> names_;
  std::string problem_;
};

}  // namespace mcpr::plugin
