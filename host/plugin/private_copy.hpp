// The copy of a plugin's file that is really loaded, so that overwriting the original cannot touch what runs.
#pragma once

#include <filesystem>
#include <string>

#include "host/plugin/file_check.hpp"

namespace mcpr::plugin {

// Makes the folder (mode 0700) if there is none. Why it cannot hold copies; empty where it can.
std::string prepare_runtime_directory(const std::filesystem::path& directory);

// Removes the copies of routers that were killed: those that no process holds a lock on.
void remove_leftover_copies(const std::filesystem::path& directory);

// Removes its file when it goes; a library that is mapped from it stays mapped. Holds a lock on the file until then, by
// which other routers that share the folder know that it is in use.
class PrivateCopy {
 public:
  PrivateCopy() = default;
  ~PrivateCopy();
  PrivateCopy(PrivateCopy&& other) noexcept;
  PrivateCopy& operator=(PrivateCopy&& other) noexcept;

  // Copies what fd reads, from its beginning, to directory/<stem>.<hash8>.<generation>.so, a name that this process has
  // not loaded before: the dynamic linker takes an equal name for the same library. None on failure, with the error.
  static PrivateCopy make(int fd, const std::string& stem, const std::filesystem::path& directory, std::string& error);
  // Of another process, which removes it.
  static PrivateCopy of_another(std::filesystem::path path);

  explicit operator bool() const { return !path_.empty(); }
  const std::filesystem::path& path() const { return path_; }
  const std::string& hash() const { return hash_; }  // SHA-256 of its bytes, in hex

 private:
  std::filesystem::path path_;
  std::string hash_;
  OpenFile lock_;  // none: not ours to remove
};

}  // namespace mcpr::plugin
