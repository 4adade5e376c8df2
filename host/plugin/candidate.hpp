// A file of the plugins folder that was examined without running anything of it.
#pragma once

#include "host/plugin/file_version.hpp"
#include "host/plugin/info.hpp"
#include "host/plugin/private_copy.hpp"

namespace mcpr::plugin {

struct LoadOptions {
  std::filesystem::path directory;          // where plugins lie
  std::filesystem::path runtime_directory;  // for private copies: ours alone, not mounted noexec; made if missing
  bool strict = true;  // a file that somebody else could change is refused; else it is loaded with a warning
};

struct Candidate {
  PluginInfo info;      // file, hash and warnings; where it is refused, the reason
  PrivateCopy copy;     // none: refused
  FileVersion version;  // of the file that was copied
  std::string stays;    // why its library cannot be unmapped, though it says that it can; empty: not known
};

// Checks and copies a file. [any] Blocks.
Candidate examine(const std::filesystem::path& file, const LoadOptions& options);

}  // namespace mcpr::plugin
