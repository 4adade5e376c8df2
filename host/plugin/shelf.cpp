#include "host/plugin/shelf.hpp"

#include <utility>

namespace mcpr::plugin {

void Shelf::on_put(std::function<void()> notify) {
  const std::lock_guard lock(mutex_);
  notify_ = std::move(notify);
}

void Shelf::put(PluginInfo info, std::unique_ptr<Library> library) {
  const std::lock_guard lock(mutex_);
  fresh_.push_back({std::move(info), std::move(library)});
  if (notify_) notify_();
}

std::vector<PluginInfo> Shelf::clear() {
  std::vector<Item> items;
  {
    const std::lock_guard lock(mutex_);
    items.swap(fresh_);
  }
  std::vector<PluginInfo> out;
  for (Item& item : items) {
    PluginInfo& info = item.info;
    info.state = PluginState::retired;
    info.reason = info.unloadable ? item.library->unmap() : "it does not say that it can be unmapped";
    if (info.reason.empty()) info.state = PluginState::unmapped;
    out.push_back(std::move(info));
  }
  return out;
}

}  // namespace mcpr::plugin
