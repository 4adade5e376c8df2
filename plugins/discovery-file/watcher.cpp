#include "watcher.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mcpr::file {
namespace {

constexpr std::uint32_t kComeAndGo =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
// IN_MODIFY makes the quiet time begin anew while a file is still being written.
constexpr std::uint32_t kContents = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB;

}  // namespace

void Watcher::open() {
  fd_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd_ < 0) problem_ = std::string("inotify is not to be had: ") + std::strerror(errno);
}

std::string Watcher::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Watcher::~Watcher() {
  if (fd_ >= 0) ::close(fd_);
}

void Watcher::watch(const WatchPlan& plan) {
  if (fd_ < 0) return;
  const std::lock_guard lock(mutex_);
  problem_.clear();
  std::map<int, WatchedDir> next;
  for (const auto& [path, dir] : plan) {
    // The mask is added to, as two paths may be one directory (a bind mount).
    const std::uint32_t mask = kComeAndGo | (dir.contents ? kContents : 0) | IN_ONLYDIR | IN_MASK_ADD;
    const int wd = ::inotify_add_watch(fd_, path.c_str(), mask);
    if (wd < 0) {
      // Directories above that may not be read are usual; nobody swaps them under us.
      const bool matters = dir.contents || errno == ENOSPC || errno == ENOMEM;
      if (matters && errno != ENOENT) problem_ = "cannot watch " + path + ": " + std::strerror(errno);
      continue;
    }
    WatchedDir& to = next[wd];
    to.names.insert(dir.names.begin(), dir.names.end());
    to.any_name = to.any_name || dir.any_name;
    to.contents = to.contents || dir.contents;
  }
  for (const auto& [wd, dir] : dirs_) {
    if (next.find(wd) == next.end()) ::inotify_rm_watch(fd_, wd);
  }
  dirs_ = std::move(next);
}

bool Watcher::drain() {
  const std::lock_guard lock(mutex_);
  bool matters = false;
  alignas(inotify_event) char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return matters;
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->mask & IN_Q_OVERFLOW) matters = true;
      const auto dir = dirs_.find(event->wd);
      if (dir == dirs_.end()) continue;
      if (event->mask & IN_IGNORED) {
        dirs_.erase(dir);
        matters = true;
      } else if (event->len == 0 || dir->second.any_name) {
        matters = matters || (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) || event->len > 0;
      } else {
        matters = matters || dir->second.names.count(event->name) > 0;
      }
    }
  }
}

}  // namespace mcpr::file
