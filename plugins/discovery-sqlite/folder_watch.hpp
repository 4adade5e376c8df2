// Sees that a database's files are written, so that nobody has to wait for the next look at them.
#pragma once

#include <string>

namespace mcpr::sqlite {

// By inotify, on the folder: the files come and go. Where the kernel cannot watch, nothing is seen.
class FolderWatch {
 public:
  FolderWatch() = default;
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  void open();                    // [control]
  int fd() const { return fd_; }  // readable when something happened; -1: cannot be had
  // [any, one at a time] Watches the folder that the database really lies in, instead of what was watched before.
  void watch(const std::string& database);
  // [control] Empties the descriptor.
  void drain() const;

 private:
  int fd_ = -1;
  int watch_ = -1;
  std::string folder_;
};

}  // namespace mcpr::sqlite
