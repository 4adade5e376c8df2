#include "host/app/pidfile.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace mcpr::app {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw std::runtime_error("pidfile " + path.string() + ": " + why);
}

// Whether the path still names the file that is open: another process may have removed it between open and lock.
bool is_still(const std::filesystem::path& path, int fd) {
  struct stat open_file{};
  struct stat named{};
  return ::fstat(fd, &open_file) == 0 && ::lstat(path.c_str(), &named) == 0 && open_file.st_ino == named.st_ino &&
         open_file.st_dev == named.st_dev;
}

std::string content(int fd) {
  char buffer[32];
  const ssize_t got = ::pread(fd, buffer, sizeof buffer, 0);
  std::string text(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  return text.substr(0, text.find_first_not_of("0123456789"));
}

}  // namespace

Pidfile::Pidfile(std::filesystem::path path) : path_(std::filesystem::absolute(path)) {
  for (;;) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd_ < 0) refuse(path_, std::strerror(errno));
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      const std::string holder = content(fd_);
      ::close(fd_);
      refuse(path_, "held by the running process " + (holder.empty() ? "of another router" : holder));
    }
    if (is_still(path_, fd_)) break;
    ::close(fd_);
  }
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    const std::string why = std::strerror(errno);
    ::close(fd_);
    refuse(path_, why);
  }
}

Pidfile::~Pidfile() {
  remove();
  ::close(fd_);
}

void Pidfile::remove() noexcept {
  if (is_still(path_, fd_)) ::unlink(path_.c_str());
}

}  // namespace mcpr::app
