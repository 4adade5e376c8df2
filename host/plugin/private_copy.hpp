// The copy of a plugin's file that is really loaded, so that overwriting the original cannot touch what runs.
#pragma once

#include <filesystem>
#include <string>

namespace mcpr::plugin {

// Makes the folder (mode 0700) if there is none. Why it cannot hold copies; empty where it can.
std::string prepare_runtime_directory(const std::filesystem::path& directory);

// Copies what fd reads, from its beginning, to directory/<stem>.<hash8>.<generation>.so, a name that this process has
// not loaded before: the dynamic linker takes an equal name for the same library. Empty on failure, with the error.
std::filesystem::path make_private_copy(int fd, const std::string& stem, const std::filesystem::path& directory,
                                        std::string& error);

}  // namespace mcpr::plugin
