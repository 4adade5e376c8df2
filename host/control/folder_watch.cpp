#include "host/control/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "host/util/log.hpp"

namespace mcpr::control {

namespace fs = std::filesystem;

namespace {

constexpr net::Millis kPoll{1'000};
constexpr int kMostLinks = 40;
constexpr std::uint32_t kComeAndGo = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr std::uint32_t kContents = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

FolderWatch::FolderWatch(net::Loop& loop, fs::path folder, OnEvent on_event)
    : folder_(fs::absolute(folder).lexically_normal()),
      on_event_(std::move(on_event)),
      fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      poll_(loop, [this] { poll(); }) {
  if (fd_ >= 0) ready_ = std::make_unique<net::FdWatch>(loop, fd_, net::fd_read, [this](std::uint32_t) { read(); });
  watch();
}

FolderWatch::~FolderWatch() {
  ready_.reset();
  if (fd_ >= 0) ::close(fd_);
}

// Watches the folder, and every folder on the way to it for the one name that leads on.
void FolderWatch::watch() {
  const auto before = above_;
  const int own_before = own_;
  above_.clear();
  own_ = -1;
  bool blind = fd_ < 0;
  fs::path rest = folder_.relative_path(), at = folder_.root_path();
  int links = 0;
  while (!rest.empty() && fd_ >= 0) {
    const fs::path name = *rest.begin();
    rest = rest.lexically_relative(name);
    if (rest == ".") rest.clear();
    if (name == "." || name.empty()) continue;
    if (name == "..") {
      at = at.parent_path();
      continue;
    }
    add(at, name.string());
    std::error_code failed;
    const fs::path target = fs::read_symlink(at / name, failed);
    if (failed) {
      at /= name;
      continue;
    }
    if (++links > kMostLinks) break;
    if (target.is_absolute()) at = target.root_path();
    rest = (target.relative_path() / rest).lexically_normal();
  }
  if (fd_ >= 0) {
    own_ = ::inotify_add_watch(fd_, at.c_str(), kComeAndGo | kContents | IN_ONLYDIR | IN_MASK_ADD);
    // One that is not there is noticed by the folder above it.
    blind = own_ < 0 && errno != ENOENT && errno != ENOTDIR;
  }
  for (const auto& [descriptor, names] : before) {
    if (descriptor != own_ && !above_.contains(descriptor)) ::inotify_rm_watch(fd_, descriptor);
  }
  if (own_before >= 0 && own_before != own_ && !above_.contains(own_before)) ::inotify_rm_watch(fd_, own_before);
  if (blind && !blind_) {
    log::warn("plugin", "{} cannot be watched: it is looked at every second instead", folder_);
  }
  blind_ = blind;
  blind_ ? poll_.arm(kPoll) : poll_.cancel();
}

void FolderWatch::add(const fs::path& folder, const std::string& name) {
  // Folders above that may not be read are usual; nobody swaps them under us.
  const int descriptor = ::inotify_add_watch(fd_, folder.c_str(), kComeAndGo | IN_ONLYDIR | IN_MASK_ADD);
  if (descriptor >= 0) above_[descriptor].insert(name);
}

void FolderWatch::poll() {
  watch();
  on_event_(Event::missed, {});
}

void FolderWatch::read() {
  alignas(inotify_event) char buffer[16 * 1024];
  bool again = false;
  for (;;) {
    const ssize_t size = ::read(fd_, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    for (const char* at = buffer; at < buffer + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      const std::string name = event->len ? event->name : "";
      if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED)) again = true;
      const auto above = above_.find(event->wd);
      if (above != above_.end() && above->second.contains(name)) again = true;
      if (event->wd != own_) continue;
      if (name.empty()) {
        if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) again = true;
        if (event->mask & IN_ATTRIB) on_event_(Event::missed, {});  // of the folder: other rights
      } else if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) {
        on_event_(Event::settled, name);
      } else if (event->mask & IN_MODIFY) {
        on_event_(Event::written, name);
      } else if (event->mask & IN_CREATE) {
        on_event_(Event::created, name);
      } else {
        on_event_(Event::rights, name);
      }
    }
  }
  if (!again) return;
  watch();
  on_event_(Event::missed, {});
}

}  // namespace mcpr::control
