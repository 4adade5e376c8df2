// What can be seen of a database's files from outside, without opening them: an open and close of one's own would drop
// the locks that SQLite holds on the same file in this process.
#pragma once

#include <cstdint>
#include <string>

namespace mcpr::sqlite {

struct FileState {
  bool exists = false;
  bool is_plain = false;  // a plain file
  bool has_wal = false;   // a write-ahead log with something in it
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  bool operator==(const FileState&) const = default;
  bool same_file(const FileState& other) const {
    return exists && other.exists && device == other.device && inode == other.inode;
  }
};

FileState look_at(const std::string& path);

// The path with symbolic links resolved, which is where SQLite puts the -wal and -shm files; the path itself where that
// fails.
std::string real_path(const std::string& path);

std::string folder_of(const std::string& path);

// Whether this process may read the file; else why not, with its owner and mode.
bool may_read(const std::string& path, std::string& why_not);

}  // namespace mcpr::sqlite
