// The files of the plugins folder that could be plugins: *.so, but for hidden ones.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "host/plugin/file_version.hpp"

namespace mcpr::plugin {

struct FolderList {
  std::map<std::filesystem::path, FileVersion> files;
  std::string problem;   // why the folder could not be read; empty: it could
  bool missing = false;  // there is none
};

inline bool may_be_plugin(const std::string& name) { return name.ends_with(".so") && !name.starts_with('.'); }

FolderList list_folder(const std::filesystem::path& directory);  // [any] Blocks.

}  // namespace mcpr::plugin
