// inotify on the directories of a watch plan. Owns the descriptor. Once opened, any thread may call it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "watch_plan.hpp"

namespace mcpr::file {

class Watcher {
 public:
  Watcher() = default;
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void open();
  int fd() const { return fd_; }  // readable when something happened; -1: not open, or inotify is not to be had
  std::string problem() const;    // why changes may go unseen; empty where all is watched

  void watch(const WatchPlan& plan);  // in place of the plan before
  bool drain();                       // takes what happened; true where any of it matters

 private:
  int fd_ = -1;
  // Held while watches are set, so that no event comes before its directory is known.
  mutable std::mutex mutex_;
  std::string problem_;
  std::map<int, WatchedDir> dirs_;  // by watch descriptor
};

}  // namespace mcpr::file
