#include "host/plugin/file_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace mcpr::plugin {

namespace fs = std::filesystem;

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}
OpenFile::OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

std::string quoted(const fs::path& path) {
  std::string out = "'";
  for (const char c : path.string()) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void check_owner_and_mode(const fs::path& path, const struct stat& info, std::vector<std::string>& unsafe) {
  const bool folder = S_ISDIR(info.st_mode);
  const std::string what = (folder ? "folder " : "") + path.string();
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    unsafe.push_back(what + " is owned by user id " + std::to_string(info.st_uid) + ", neither root nor the router's " +
                     std::to_string(::geteuid()) + ": chown " + std::to_string(::geteuid()) + " " + quoted(path));
  }
  const bool sticky_of_root = folder && info.st_uid == 0 && (info.st_mode & S_ISVTX);
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) && !sticky_of_root) {
    const bool others = info.st_mode & S_IWOTH;
    unsafe.push_back(what + " is writable by " + (others ? "everybody" : "its group") + " (mode " +
                     octal(info.st_mode) + "): chmod go-w " + quoted(path));
  }
}

// The folders above path, both as it is written and as it resolves: either way somebody could swap what is in them.
std::set<fs::path> folders_above(const fs::path& path) {
  std::set<fs::path> out;
  std::error_code ignored;
  for (const fs::path& way : {fs::absolute(path).lexically_normal(), fs::canonical(path, ignored)}) {
    for (fs::path folder = way.parent_path(); !folder.empty(); folder = folder.parent_path()) {
      out.insert(folder);
      if (folder == folder.root_path()) break;
    }
  }
  return out;
}

}  // namespace

FileCheck check_file(const fs::path& path) {
  FileCheck out;
  // O_NONBLOCK: a FIFO in place of the file must not hold us up.
  out.file = OpenFile(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!out.file) {
    out.refused = errno == ELOOP
                      ? "is a symbolic link; put the file itself there: cp --remove-destination \"$(readlink -f " +
                            quoted(path) + ")\" " + quoted(path)
                      : "cannot be opened: " + reason(errno);
    return out;
  }
  struct stat info{};
  if (::fstat(out.file.fd(), &info) != 0) {
    out.refused = "cannot be examined: " + reason(errno);
    return out;
  }
  if (!S_ISREG(info.st_mode)) {
    out.refused = "is not a plain file";
    return out;
  }
  check_owner_and_mode(fs::absolute(path).lexically_normal(), info, out.unsafe);
  for (const fs::path& folder : folders_above(path)) {
    struct stat above{};
    if (::stat(folder.c_str(), &above) == 0) {
      check_owner_and_mode(folder, above, out.unsafe);
    } else {
      out.unsafe.push_back("folder " + folder.string() + " cannot be examined: " + reason(errno));
    }
  }
  return out;
}

}  // namespace mcpr::plugin
