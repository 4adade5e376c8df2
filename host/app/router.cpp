#include "host/app/router.hpp"

#include <algorithm>
#include <filesystem>
#include <future>
#include <ostream>
#include <thread>

#include "host/app/admin_command.hpp"
#include "host/app/admin_view.hpp"
#include "host/app/plugin_command.hpp"
#include "host/app/registration.hpp"
#include "host/app/router_options.hpp"
#include "host/app/running_plugins.hpp"
#include "host/app/source_plans.hpp"
#include "host/control/admin.hpp"
#include "host/control/fetcher.hpp"
#include "host/control/file_watch.hpp"
#include "host/control/name_lookup.hpp"
#include "host/control/plugin_metrics.hpp"
#include "host/plugin/probe.hpp"
#include "host/util/log.hpp"

namespace mcpr::app {

namespace {

constexpr std::string_view kLog = "router";
constexpr unsigned kBlockingThreads = 4;
constexpr net::Millis kReadyCheck{5};
constexpr net::Millis kReadyAtLatest{3'000};

std::filesystem::path runtime_directory(const config::Settings& settings) {
  if (!settings.plugins.runtime_directory.empty()) return settings.plugins.runtime_directory;
  const char* xdg = std::getenv("XDG_RUNTIME_DIR");
  const std::filesystem::path base = xdg && *xdg ? std::filesystem::path(xdg) : std::filesystem::temp_directory_path();
  return base / ("mcp-router-" + std::to_string(::getuid()));
}

plugin::LoadOptions load_options(const config::Settings& settings) {
  return {settings.plugins.directory, runtime_directory(settings), settings.plugins.strict};
}

plugin::ProbeOptions probe_options(const config::Settings& settings) {
  plugin::ProbeOptions out;
  out.limit = settings.plugins.probe_timeout;
  return out;
}

void log_of_plugin(int level, const std::string& source, std::string_view text) {
  static constexpr log::Level levels[] = {log::Level::trace, log::Level::debug, log::Level::info, log::Level::warn,
                                          log::Level::error};
  const log::Level at = levels[std::clamp(level, 0, 4)];
  if (log::enabled(at, "plugin")) log::message<std::string, std::string_view>(at, "plugin", "{}: {}", source, text);
}

class Router final : public Runtime {
 public:
  explicit Router(std::string version) : blocking_(kBlockingThreads) { health_.version = std::move(version); }
  ~Router() override { stop(); }

  std::vector<config::Claim> claims(const config::Settings& settings) override;
  void check(const Configuration& configuration, config::Problems& problems) override;
  void list_plugins(const Configuration& configuration, std::ostream& out) override;
  std::string commands_usage(const Configuration& configuration) override;
  int run_command(const Configuration& configuration, std::span<const std::string> words, std::ostream& out,
                  std::ostream& err) override;
  void start(ConfigurationPtr configuration, Control& control) override;
  void reload(ConfigurationPtr configuration) override;
  void drain(UniqueFunction<void()> drained) override;
  void stop() override;

 private:
  plugin::Registry& registry(const config::Settings& settings);
  void on_control(UniqueFunction<void()> task);  // runs it there and waits
  void make_parts(const config::Settings& settings, Control& control);
  void probe_sources(const Configuration& configuration, config::Problems& problems);
  void watch_files(Control& control);
  void announce();
  void on_catalog(const catalog::CatalogPtr& catalog);
  void check_ready();
  void update_status();

  server::HealthState health_;
  control::PluginMetrics plugin_metrics_;
  net::BlockingPool blocking_;
  std::unique_ptr<plugin::HostServices> services_;  // before the loop: what is queued there may use it to the end
  net::Loop loop_;                                  // of the control thread
  std::thread thread_;
  std::unique_ptr<plugin::Registry> registry_;
  std::string registry_directory_;
  ConfigurationPtr configuration_;  // control thread, once it runs

  // The control thread's own; made and destroyed there.
  std::unique_ptr<control::Fetcher> fetcher_;
  std::unique_ptr<control::DataPlane> data_;
  std::unique_ptr<control::Publisher> publisher_;
  std::unique_ptr<control::Sources> sources_;
  std::unique_ptr<control::NameLookup> lookup_;  // asked by the data threads: outlives them
  std::unique_ptr<control::Admin> admin_;
  std::unique_ptr<control::FileWatch> file_watch_;
  std::unique_ptr<net::Timer> ready_timer_, drain_timer_;
  std::unique_ptr<RunningPlugins> plugins_;
  net::TimePoint started_{};
  const std::chrono::system_clock::time_point wall_started_ = std::chrono::system_clock::now();
  std::uint64_t wanted_ = 0, shown_ = 0;  // catalogs, counted as they come: by the sources, by all data threads
  UniqueFunction<void()> drained_;
};

plugin::Registry& Router::registry(const config::Settings& settings) {
  // A change of the directory takes a restart: the first one read without fault stays.
  if (!registry_ || (registry_directory_ != settings.plugins.directory && !thread_.joinable())) {
    registry_ = std::make_unique<plugin::Registry>(load_options(settings));
    registry_directory_ = settings.plugins.directory;
    plugin::Registry::Probe probe;
    if (settings.plugins.probe == config::Settings::Plugins::Probe::always) {
      // How they are configured is not known yet: see check().
      probe = [options = probe_options(settings)](const plugin::Candidate& candidate) {
        return plugin::probe_now(options, candidate.copy.path(),
                                 [](const plugin::PluginInfo&) { return std::vector<plugin::ProbeSource>(); })
            .reason;
      };
    }
    registry_->scan(probe);
  }
  return *registry_;
}

std::vector<config::Claim> Router::claims(const config::Settings& settings) {
  std::vector<config::Claim> out;
  const auto collect = [&] { out = plugin_claims(registry(settings)); };
  thread_.joinable() ? on_control(collect) : collect();
  return out;
}

void Router::check(const Configuration& configuration, config::Problems& problems) {
  const config::Settings& settings = configuration.settings;
  const auto look = [&] { check_plugins(configuration, registry(settings), problems); };
  thread_.joinable() ? on_control(look) : look();
  if (!thread_.joinable() && settings.plugins.probe == config::Settings::Plugins::Probe::always) {
    probe_sources(configuration, problems);
  }
  try {
    front_options(settings);
    listen_address(settings.server.address, settings.server.port, "server.address");
    if (settings.admin.enabled) listen_address(settings.admin.address, settings.admin.port, "admin.address");
  } catch (const std::invalid_argument& error) {
    problems.push_back({config::Origin{}, error.what()});
  }
}

void Router::probe_sources(const Configuration& configuration, config::Problems& problems) {
  for (const auto& plugin : registry(configuration.settings).newest()) {
    const std::vector<plugin::ProbeSource> sources = sources_using(configuration, plugin->info());
    if (sources.empty()) continue;
    const plugin::ProbeResult result = plugin::probe_now(probe_options(configuration.settings), plugin->private_copy(),
                                                         [&](const plugin::PluginInfo&) { return sources; });
    if (!result.reason.empty()) {
      problems.push_back({config::Origin{}, plugin->info().file.filename().string() + ": " + result.reason});
    }
  }
}

void Router::list_plugins(const Configuration& configuration, std::ostream& out) {
  for (const plugin::PluginInfo& at : registry(configuration.settings).list()) {
    out << at.file.filename().string() << ": " << plugin::to_string(at.state);
    if (at.state == plugin::PluginState::loaded) {
      out << " " << at.id << " " << at.version << " (";
      for (std::size_t i = 0; i < at.kinds.size(); ++i) out << (i ? ", " : "") << at.kinds[i];
      out << ")";
      for (const std::string& alias : at.aliases) out << " alias " << alias;
    }
    if (!at.reason.empty()) out << ": " << at.reason;
    out << "\n";
    for (const std::string& warning : at.warnings) out << "  warning: " << warning << "\n";
  }
  if (!registry_->problem().empty()) out << registry_->problem() << "\n";
}

std::string Router::commands_usage(const Configuration& configuration) {
  return std::string(kAdminCommandsUsage) + plugin_commands_usage(registry(configuration.settings));
}

int Router::run_command(const Configuration& configuration, std::span<const std::string> words, std::ostream& out,
                        std::ostream& err) {
  if (is_admin_command(words)) return run_admin_command(words, configuration.settings, out, err);
  return run_plugin_command(configuration, registry(configuration.settings), words, out, err);
}

void Router::on_control(UniqueFunction<void()> task) {
  std::promise<void> done;
  loop_.post([&] {
    try {
      task();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void Router::start(ConfigurationPtr configuration, Control& control) {
  configuration_ = std::move(configuration);
  const config::Settings& settings = configuration_->settings;
  for (const plugin::PluginInfo& at : registry(settings).list()) {
    if (at.state == plugin::PluginState::refused)
      log::error("plugin", "{} is refused: {}", at.file.filename().string(), at.reason);
    for (const std::string& warning : at.warnings) log::warn("plugin", "{}: {}", at.file.filename().string(), warning);
  }
  thread_ = std::thread([this] { loop_.run(); });
  on_control([&] {
    started_ = net::Clock::now();
    make_parts(settings, control);
    if (settings.admin.enabled) {
      admin_ = std::make_unique<control::Admin>(
          loop_,
          admin_view({health_, plugin_metrics_, *plugins_, *sources_, *publisher_, *data_,
                      [this]() -> const config::Settings& { return configuration_->settings; }}),
          admin_options(settings));
      admin_->start(listen_address(settings.admin.address, settings.admin.port, "admin.address"));
    }
    data_->start(listen_address(settings.server.address, settings.server.port, "server.address"));
    announce();
    plugins_->start();
    plugins_->watch();
    watch_files(control);
    log::info(kLog, "listening on {}:{} with {} data threads", settings.server.address, data_->port(),
              settings.server.threads);
    if (admin_) log::info(kLog, "admin listener on {}:{}", settings.admin.address, admin_->port());
    check_ready();
  });
}

void Router::make_parts(const config::Settings& settings, Control& control) {
  fetcher_ = std::make_unique<control::Fetcher>(loop_, blocking_);
  plugin::HostServices::Options lent;
  lent.log = log_of_plugin;
  lent.http = fetcher_.get();
  lent.metric = [this](const plugin::MetricUpdate& update) { plugin_metrics_.take(update); };
  lent.version = health_.version;
  services_ = std::make_unique<plugin::HostServices>(loop_, blocking_, std::move(lent));
  const control::DataPlaneOptions options = data_plane_options(settings);
  data_ = std::make_unique<control::DataPlane>(options, blocking_, health_);
  data_->shared().enabled = settings.router.enabled;
  publisher_ = std::make_unique<control::Publisher>(loop_, blocking_, *data_, options.pool);
  sources_ = std::make_unique<control::Sources>(
      *services_, [this](const catalog::CatalogPtr& catalog) { on_catalog(catalog); },
      [this] { plugins_->on_takeover(); });
  lookup_ = std::make_unique<control::NameLookup>(loop_, *sources_);
  lookup_->set_options(lookup_limits(settings), settings.router.service_names);
  data_->shared().lookup = lookup_.get();
  plugins_ = std::make_unique<RunningPlugins>(
      PluginSurroundings{loop_, blocking_, *registry_, *services_, *sources_, *publisher_,
                         [this]() -> const Configuration& { return *configuration_; }, [&control] { control.reload(); },
                         [this] { update_status(); }});
  ready_timer_ = std::make_unique<net::Timer>(loop_, [this] { check_ready(); });
}

void Router::update_status() { health_.degraded = sources_->degraded() || plugins_->degraded(); }

void Router::announce() {
  sources_->announce(registration(configuration_->settings, data_->port(), health_.version, wall_started_));
}

void Router::on_catalog(const catalog::CatalogPtr& catalog) {
  update_status();
  // An older one may still be on its way to the data threads.
  publisher_->publish(catalog, [this, revision = ++wanted_] {
    shown_ = revision;
    lookup_->published(publisher_->shown());
    check_ready();
  });
}

// Ready once each source has said what it has, or cannot; one that stays silent does not hold the others up for long.
void Router::check_ready() {
  if (health_.ready || !ready_timer_) return;  // no timer: the router ends
  if ((shown_ == wanted_ && sources_->settled()) || net::Clock::now() - started_ > kReadyAtLatest) {
    health_.ready = true;
    update_status();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(net::Clock::now() - started_);
    log::info(kLog, "ready after {}, {} services", took, sources_->catalog()->entries().size());
    return;
  }
  ready_timer_->arm(kReadyCheck);
}

void Router::watch_files(Control& control) {
  file_watch_ =
      std::make_unique<control::FileWatch>(loop_, configuration_->tree.files(), [&control] { control.reload(); });
}

void Router::reload(ConfigurationPtr configuration) {
  on_control([&] {
    configuration_ = std::move(configuration);
    const config::Settings& settings = configuration_->settings;
    data_->shared().enabled = settings.router.enabled;
    data_->set_options(data_plane_options(settings));
    lookup_->set_options(lookup_limits(settings), settings.router.service_names);
    announce();
    plugins_->configured();
    file_watch_->set_files(configuration_->tree.files());
  });
}

void Router::drain(UniqueFunction<void()> drained) {
  loop_.post([this, drained = std::move(drained)]() mutable {
    const config::Settings::Drain& drain = configuration_->settings.drain;
    drained_ = std::move(drained);
    data_->announce_drain();
    sources_->announce(std::nullopt);
    log::info(kLog, "draining: readiness is off, connections are taken for another {}", drain.announce);
    drain_timer_ = std::make_unique<net::Timer>(loop_, [this, timeout = drain.timeout] {
      const auto finish = [this](bool in_time) {
        UniqueFunction<void()> done = std::move(drained_);
        if (!done) return;
        if (!in_time) log::warn(kLog, "drain.timeout is over: the remaining requests are cut off");
        done();
      };
      drain_timer_ = std::make_unique<net::Timer>(loop_, [finish] { finish(false); });
      drain_timer_->arm(timeout);
      data_->drain([this, finish] { loop_.post([finish] { finish(true); }); });
    });
    drain_timer_->arm(drain.announce);
  });
}

void Router::stop() {
  if (!thread_.joinable()) return;
  on_control([&] {
    file_watch_.reset();
    ready_timer_.reset();
    drain_timer_.reset();
    admin_.reset();
    if (plugins_) plugins_->stop();
  });
  if (sources_) {
    // Sources may need the loop to stop, which their own limit bounds.
    std::promise<void> stopped;
    loop_.post([&] { sources_->stop([&] { stopped.set_value(); }); });
    stopped.get_future().wait();
  }
  on_control([&] {
    if (data_) data_->stop();
    lookup_.reset();
    plugins_.reset();
    sources_.reset();
    fetcher_.reset();
    publisher_.reset();
    data_.reset();
  });
  blocking_.stop();
  loop_.stop();
  thread_.join();
}

}  // namespace

std::unique_ptr<Runtime> make_router(std::string version) { return std::make_unique<Router>(std::move(version)); }

}  // namespace mcpr::app
