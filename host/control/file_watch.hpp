// Tells when one of a few files has changed: the configuration's. Watches their folders, so that editors that put a new
// file in place are seen. On the control loop.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "host/net/fd_watch.hpp"
#include "host/net/timer.hpp"

namespace mcpr::control {

class FileWatch {
 public:
  FileWatch(net::Loop& loop, const std::vector<std::filesystem::path>& files, UniqueFunction<void()> on_change);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  void set_files(const std::vector<std::filesystem::path>& files);

 private:
  void read();

  int fd_ = -1;
  UniqueFunction<void()> on_change_;
  std::map<int, std::filesystem::path> folders_;  // by watch descriptor
  std::set<std::filesystem::path> files_;         // absolute
  net::Timer quiet_;                              // an editor writes in several steps
  std::unique_ptr<net::FdWatch> watch_;
};

}  // namespace mcpr::control
