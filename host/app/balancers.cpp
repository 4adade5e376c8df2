#include "host/app/balancers.hpp"

#include "host/app/source_plans.hpp"
#include "host/util/log.hpp"

namespace mcpr::app {

upstream::BalancersPtr make_balancers(const config::Settings& settings, const plugin::Registry& plugins,
                                      plugin::HostServices& services) {
  auto out = std::make_shared<upstream::Balancers>();
  out->standard = settings.router.load_balancer;
  for (const plugin::PluginInfo& info : plugins.list()) {
    if (info.state != plugin::PluginState::loaded || !is_kind(info, "balancer")) continue;
    std::string error;
    auto balancer = plugin::Balancer::create(plugins.find(info.id), services, "{}", error);
    if (!balancer) {
      log::error("router", "balancer \"{}\" cannot be used: {}", info.id, error);
      continue;
    }
    out->by_name.emplace(info.id, std::move(balancer));
  }
  // The configured name may be an alias.
  if (const auto chosen = plugins.find(out->standard)) out->standard = chosen->id();
  return out;
}

}  // namespace mcpr::app
