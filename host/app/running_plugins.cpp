#include "host/app/running_plugins.hpp"

#include <algorithm>
#include <utility>

#include "host/app/source_plans.hpp"

namespace mcpr::app {

RunningPlugins::RunningPlugins(PluginSurroundings around)
    : around_(std::move(around)), balancers_(around_.registry, around_.services) {}

void RunningPlugins::start() { plan(); }

void RunningPlugins::watch() {
  folder_ = std::make_unique<control::PluginFolder>(around_.loop, around_.blocking, around_.registry, folder_options(),
                                                    hooks());
}

void RunningPlugins::configured() {
  plan();
  if (folder_) folder_->set_options(folder_options());
}

void RunningPlugins::on_takeover() {
  if (folder_) folder_->planned();
  around_.on_status();
}

void RunningPlugins::plan() {
  const Configuration& configuration = around_.configuration();
  const config::Settings& settings = configuration.settings;
  around_.sources.set_takeover_timeout(settings.plugins.takeover_timeout);
  config::Problems said_by_check;
  around_.sources.plan(source_plans(configuration, around_.registry, said_by_check), settings.router.service_names);
  if (balancers_.refresh(settings.router.load_balancer)) around_.publisher.set_balancers(balancers_.current());
  if (folder_) folder_->planned();
  around_.on_status();
}

control::PluginFolderOptions RunningPlugins::folder_options() const {
  const config::Settings::Plugins& settings = around_.configuration().settings.plugins;
  control::PluginFolderOptions out;
  out.probe = settings.probe != config::Settings::Plugins::Probe::never;
  out.prober.limit = settings.probe_timeout;
  out.max_retired = settings.max_retired;
  out.strict = settings.strict;
  return out;
}

control::PluginFolderHooks RunningPlugins::hooks() {
  control::PluginFolderHooks out;
  out.sources_of = [this](const plugin::PluginInfo& manifest) {
    return sources_using(around_.configuration(), manifest);
  };
  out.changed = [this](bool claims) {
    plan();
    if (claims) around_.read_again();
  };
  out.usage = [this](const plugin::LoadedPlugin& plugin) { return usage(plugin); };
  out.needed = [this](const plugin::LoadedPlugin& plugin) { return needed(plugin); };
  out.status = around_.on_status;
  return out;
}

control::PluginFolderHooks::Usage RunningPlugins::usage(const plugin::LoadedPlugin& plugin) const {
  control::Sources::Usage sources = around_.sources.usage(plugin);
  control::PluginFolderHooks::Usage out{sources.running, sources.pending, std::move(sources.failure)};
  if (balancers_.in_use(plugin)) ++out.running;
  if (const std::string failure = balancers_.failure(plugin); !failure.empty()) out.failure = failure;
  return out;
}

std::string RunningPlugins::needed(const plugin::LoadedPlugin& plugin) const {
  if (!plugin.balancer() || plugin.id() != balancers_.current()->standard) return {};
  return "mcp.router.load-balancer names it, and nothing could be routed without";
}

bool RunningPlugins::degraded() const {
  const auto files = around_.registry.files();
  return std::any_of(files.begin(), files.end(), [](const plugin::Registry::File& at) { return at.failed; });
}

std::vector<plugin::Registry::File> RunningPlugins::files() const {
  std::vector<plugin::Registry::File> out = around_.registry.files();
  for (plugin::Registry::File& at : out) {
    const auto serving = around_.registry.in_service(at.info.file);
    at.idle = serving && serving->discovery() && !serving->balancer() && !around_.sources.uses(*serving);
  }
  return out;
}

}  // namespace mcpr::app
