#include "host/plugin/folder_list.hpp"

#include <system_error>

namespace mcpr::plugin {

namespace fs = std::filesystem;

FolderList list_folder(const fs::path& directory) {
  FolderList out;
  std::error_code failed;
  for (fs::directory_iterator it(directory, failed), end; !failed && it != end; it.increment(failed)) {
    if (!may_be_plugin(it->path().filename().string())) continue;
    const FileVersion version = version_of(it->path());
    if (version != FileVersion{}) out.files.emplace(it->path(), version);
  }
  out.missing = failed == std::errc::no_such_file_or_directory || failed == std::errc::not_a_directory;
  if (failed) out.problem = "plugins folder " + directory.string() + " cannot be read: " + failed.message();
  return out;
}

}  // namespace mcpr::plugin
