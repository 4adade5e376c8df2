#include "host/control/file_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include "host/util/log.hpp"

namespace mcpr::control {

namespace {
constexpr net::Millis kQuiet{100};
}

FileWatch::FileWatch(net::Loop& loop, const std::vector<std::filesystem::path>& files, UniqueFunction<void()> on_change)
    : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      on_change_(std::move(on_change)),
      quiet_(loop, [this] { on_change_(); }) {
  if (fd_ < 0) {
    log::warn("config",
              "changes of the configuration files are not noticed: inotify is not to be had; send SIGHUP instead");
    return;
  }
  watch_ = std::make_unique<net::FdWatch>(loop, fd_, net::fd_read, [this](std::uint32_t) { read(); });
  set_files(files);
}

FileWatch::~FileWatch() {
  watch_.reset();
  if (fd_ >= 0) ::close(fd_);
}

void FileWatch::set_files(const std::vector<std::filesystem::path>& files) {
  if (fd_ < 0) return;
  files_.clear();
  for (const auto& [descriptor, folder] : folders_) ::inotify_rm_watch(fd_, descriptor);
  folders_.clear();
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(file, error).lexically_normal();
    files_.insert(absolute);
    const std::filesystem::path folder = absolute.parent_path();
    const int descriptor =
        ::inotify_add_watch(fd_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR);
    if (descriptor >= 0) {
      folders_[descriptor] = folder;
    } else {
      log::warn("config", "changes in {} are not noticed; send SIGHUP instead", folder);
    }
  }
}

void FileWatch::read() {
  alignas(inotify_event) char buffer[16 * 1024];
  for (;;) {
    const ssize_t size = ::read(fd_, buffer, sizeof buffer);
    if (size <= 0) return;
    for (const char* at = buffer; at < buffer + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      const auto folder = folders_.find(event->wd);
      if (folder == folders_.end() || event->len == 0) continue;
      // `..data` is how Kubernetes swaps a folder of mounted files.
      const std::string name = event->name;
      if (files_.contains(folder->second / name) || name == "..data") quiet_.arm(kQuiet);
    }
  }
}

}  // namespace mcpr::control
