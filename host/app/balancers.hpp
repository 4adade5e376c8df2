// The balancers of the installed plugins. Control thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "host/plugin/registry.hpp"
#include "host/upstream/routes.hpp"

namespace mcpr::app {

class BalancerSet {
 public:
  BalancerSet(const plugin::Registry& plugins, plugin::HostServices& services)
      : plugins_(plugins), services_(services) {}

  // Makes a balancer of each balancer plugin's newest version, and keeps those that are made. Where a new version
  // fails, the one before goes on; so does the standard one where the named one cannot be had, since nothing could be
  // routed without. standard: id or alias. True where something is another than before.
  bool refresh(const std::string& standard);

  const upstream::BalancersPtr& current() const { return current_; }
  bool in_use(const plugin::LoadedPlugin& plugin) const;
  // Why a version that was tried is not in use; empty: it is, or was not tried.
  std::string failure(const plugin::LoadedPlugin& plugin) const;

 private:
  using Made = std::map<std::string, std::shared_ptr<plugin::Balancer>, std::less<>>;
  void make(const plugin::Registry::PluginPtr& plugin, Made& out);

  const plugin::Registry& plugins_;
  plugin::HostServices& services_;
  upstream::BalancersPtr current_ = std::make_shared<upstream::Balancers>();
  struct Failure {
    std::weak_ptr<const plugin::LoadedPlugin> plugin;
    std::string reason;
  };
  std::map<std::string, Failure> failures_;  // by id of the plugin: of its newest version
};

}  // namespace mcpr::app
