// Tells whether a file is still the one that was looked at.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>

namespace mcpr::plugin {

// Inode and time of change: another one for every write, replacement and chmod. All zero: there is no file.
struct FileVersion {
  std::uint64_t inode = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const FileVersion&) const = default;
};

inline FileVersion version_of(const struct stat& info) {
  return {info.st_ino, std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec};
}

inline FileVersion version_of(const std::filesystem::path& file) {
  struct stat info{};
  return ::lstat(file.c_str(), &info) == 0 ? version_of(info) : FileVersion{};
}

}  // namespace mcpr::plugin
