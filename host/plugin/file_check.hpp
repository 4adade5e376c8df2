// Whether a file may be trusted with this process: nobody but root and ourselves can change it or swap it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mcpr::plugin {

// A file descriptor that is closed with its owner.
class OpenFile {
 public:
  explicit OpenFile(int fd = -1) : fd_(fd) {}
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct FileCheck {
  OpenFile file;                    // read this and not the path again: it is what was checked
  std::string refused;              // why it cannot be opened or is no plain file; empty: file is open
  std::vector<std::string> unsafe;  // each says what is wrong and the command that puts it right
};

// Opens path, which must be a plain file and no symbolic link, and looks at it and at every folder above it: owned by
// root or by us, writable by nobody else. A sticky folder of root's counts as safe.
FileCheck check_file(const std::filesystem::path& path);

}  // namespace mcpr::plugin
