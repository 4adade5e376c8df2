#include "file_state.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace mcpr::sqlite {
namespace {

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

}  // namespace

FileState look_at(const std::string& path) {
  FileState state;
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return state;
  state.exists = true;
  state.is_plain = S_ISREG(info.st_mode);
  state.device = info.st_dev;
  state.inode = info.st_ino;
  state.size = static_cast<std::uint64_t>(info.st_size);
  state.modified_ns = nanoseconds(info.st_mtim);
  state.changed_ns = nanoseconds(info.st_ctim);
  struct stat wal{};
  state.has_wal = ::stat((real_path(path) + "-wal").c_str(), &wal) == 0 && wal.st_size > 0;
  return state;
}

std::string real_path(const std::string& path) {
  struct Free {
    void operator()(char* text) const { ::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : path;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool may_read(const std::string& path, std::string& why_not) {
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) return true;
  why_not = std::strerror(errno);
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(info.st_mode & 07777));
    why_not += " (owner " + std::to_string(info.st_uid) + ", group " + std::to_string(info.st_gid) + ", mode " + mode +
               ", and the router runs as user " + std::to_string(::geteuid()) + ")";
  }
  return false;
}

}  // namespace mcpr::sqlite
