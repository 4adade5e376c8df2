#include "host/app/balancers.hpp"

#include "host/util/log.hpp"

namespace mcpr::app {

namespace {
constexpr std::string_view kLog = "balancer";
}

void BalancerSet::make(const plugin::Registry::PluginPtr& plugin, Made& out) {
  const auto before = current_->by_name.find(plugin->id());
  const bool known = before != current_->by_name.end();
  if (known && &before->second->plugin() == plugin.get()) {
    out.insert(*before);
    return;
  }
  const auto failed = failures_.find(plugin->id());
  if (failed == failures_.end() || failed->second.plugin.lock() != plugin) {
    std::string error;
    std::shared_ptr<plugin::Balancer> made = plugin::Balancer::create(plugin, services_, "{}", error);
    if (made) {
      failures_.erase(plugin->id());
      if (known) {
        log::info(kLog, "\"{}\": version {} takes over from {}", plugin->id(), plugin::version_text(plugin->info()),
                  plugin::version_text(before->second->plugin().info()));
      }
      out.emplace(plugin->id(), std::move(made));
      return;
    }
    log::error(kLog, "\"{}\" version {} cannot be used: {}", plugin->id(), plugin::version_text(plugin->info()), error);
    failures_[plugin->id()] = {plugin, "balancer \"" + plugin->id() + "\" cannot be made: " + error};
  }
  if (known) out.insert(*before);
}

bool BalancerSet::refresh(const std::string& standard) {
  auto next = std::make_shared<upstream::Balancers>();
  for (const plugin::Registry::PluginPtr& plugin : plugins_.newest()) {
    if (plugin->balancer()) make(plugin, next->by_name);
  }
  // The configured name may be an alias.
  const auto chosen = plugins_.find(standard);
  next->standard = chosen && chosen->balancer() ? chosen->id() : standard;
  if (!next->by_name.contains(next->standard)) {
    const auto before = current_->by_name.find(current_->standard);
    if (before != current_->by_name.end()) {
      log::error(kLog, "there is no balancer \"{}\": \"{}\" goes on", standard, before->first);
      next->by_name.insert(*before);
      next->standard = before->first;
    }
  }
  if (next->standard == current_->standard && next->by_name == current_->by_name) return false;
  if (!current_->standard.empty() && next->standard != current_->standard) {
    log::info(kLog, "services that name none are balanced by \"{}\" from here on", next->standard);
  }
  current_ = std::move(next);
  return true;
}

bool BalancerSet::in_use(const plugin::LoadedPlugin& plugin) const {
  for (const auto& [name, balancer] : current_->by_name) {
    if (&balancer->plugin() == &plugin) return true;
  }
  return false;
}

std::string BalancerSet::failure(const plugin::LoadedPlugin& plugin) const {
  const auto found = failures_.find(plugin.id());
  return found != failures_.end() && found->second.plugin.lock().get() == &plugin ? found->second.reason : "";
}

}  // namespace mcpr::app
