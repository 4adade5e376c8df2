// Where the libraries go that no instance uses any more. [any]
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/plugin/info.hpp"
#include "host/plugin/library.hpp"

namespace mcpr::plugin {

class Shelf {
 public:
  // Called on the thread that puts something here, which may be any; null: nobody wants to know.
  void on_put(std::function<void()> notify);

  void put(PluginInfo info, std::unique_ptr<Library> library);

  // Unmaps those that say that they can be. What became of those that were new: state `unmapped`, or `retired` with the
  // reason for which it stays. Never while code of a plugin is on the stack of this thread.
  std::vector<PluginInfo> clear();

 private:
  struct Item {
    PluginInfo info;
    std::unique_ptr<Library> library;
  };
  std::mutex mutex_;
  std::function<void()> notify_;
  std::vector<Item> fresh_;
};

}  // namespace mcpr::plugin
