// Tells what happens to the files of one folder, which may be missing, come later, or be reached by a link that is
// swapped. On the control loop.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "host/net/fd_watch.hpp"
#include "host/net/timer.hpp"

namespace mcpr::control {

class FolderWatch {
 public:
  enum class Event : std::uint8_t {
    created,
    written,  // and more may come
    settled,  // closed by who wrote to it, moved here, or gone
    rights,   // others
    missed,   // anything may have happened; the name is empty
  };
  using OnEvent = UniqueFunction<void(Event, const std::string& name)>;

  FolderWatch(net::Loop& loop, std::filesystem::path folder, OnEvent on_event);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

 private:
  void watch();
  void add(const std::filesystem::path& folder, const std::string& name);
  void read();
  void poll();

  const std::filesystem::path folder_;  // absolute
  OnEvent on_event_;
  int fd_ = -1;
  int own_ = -1;                                // watch descriptor of the folder itself
  std::map<int, std::set<std::string>> above_;  // by watch descriptor of a folder above: the names that lead here
  bool blind_ = false;                          // something cannot be watched: it is looked at every second instead
  net::Timer poll_;
  std::unique_ptr<net::FdWatch> ready_;
};

}  // namespace mcpr::control
