#include "folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include "file_state.hpp"

namespace mcpr::sqlite {

FolderWatch::~FolderWatch() {
  if (fd_ >= 0) ::close(fd_);
}

void FolderWatch::open() { fd_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

void FolderWatch::watch(const std::string& database) {
  const std::string folder = folder_of(real_path(database));
  if (fd_ < 0 || (folder == folder_ && watch_ >= 0)) return;
  if (watch_ >= 0) ::inotify_rm_watch(fd_, watch_);
  folder_ = folder;
  // A reader changes nothing but the -shm file, by a mapping that makes no event.
  watch_ = ::inotify_add_watch(fd_, folder.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB);
}

void FolderWatch::drain() const {
  alignas(inotify_event) char events[4096];
  while (::read(fd_, events, sizeof events) > 0) {
  }
}

}  // namespace mcpr::sqlite
