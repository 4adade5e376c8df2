// The plugins of a running router: its sources and balancers, kept in step with the configuration and with the plugins
// folder. Control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/app/balancers.hpp"
#include "host/app/runtime.hpp"
#include "host/control/plugin_folder.hpp"
#include "host/control/publisher.hpp"
#include "host/control/sources.hpp"

namespace mcpr::app {

// Must outlive what is made of them.
struct PluginSurroundings {
  net::Loop& loop;
  net::BlockingPool& blocking;
  plugin::Registry& registry;
  plugin::HostServices& services;
  control::Sources& sources;
  control::Publisher& publisher;
  std::function<const Configuration&()> configuration;
  std::function<void()> read_again;  // the configuration: plugins take other parts of it than before
  std::function<void()> on_status;   // degraded() may have changed
};

class RunningPlugins {
 public:
  explicit RunningPlugins(PluginSurroundings around);

  void start();       // the sources and balancers
  void watch();       // the folder, from here on
  void configured();  // anew
  void on_takeover();
  void stop() { folder_.reset(); }

  bool degraded() const;  // a replacement has failed
  std::vector<plugin::Registry::File> files() const;
  std::size_t retired() const { return around_.registry.retired(); }

 private:
  void plan();
  control::PluginFolderOptions folder_options() const;
  control::PluginFolderHooks hooks();
  control::PluginFolderHooks::Usage usage(const plugin::LoadedPlugin& plugin) const;
  std::string needed(const plugin::LoadedPlugin& plugin) const;

  const PluginSurroundings around_;
  BalancerSet balancers_;
  std::unique_ptr<control::PluginFolder> folder_;
};

}  // namespace mcpr::app
