#include "host/app/router.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <future>
#include <ostream>
#include <thread>

#include "host/app/router_options.hpp"
#include "host/config/discovery_order.hpp"
#include "host/control/admin.hpp"
#include "host/control/fetcher.hpp"
#include "host/control/file_watch.hpp"
#include "host/control/name_lookup.hpp"
#include "host/control/plugin_metrics.hpp"
#include "host/control/publisher.hpp"
#include "host/control/sources.hpp"
#include "host/control/views.hpp"
#include "host/metrics/exposition.hpp"
#include "host/plugin/registry.hpp"
#include "host/util/log.hpp"

namespace mcpr::app {

namespace json = boost::json;

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

bool is_kind(const plugin::PluginInfo& info, std::string_view kind) {
  return std::find(info.kinds.begin(), info.kinds.end(), kind) != info.kinds.end();
}

json::value schema_of(const plugin::PluginInfo& info) {
  if (info.config_schema.empty()) return nullptr;
  boost::system::error_code error;
  json::value out = json::parse(info.config_schema, error);
  return error ? json::value() : out;
}

bool wants_base_dir(const json::value& schema) {
  const json::object* object = schema.if_object();
  const json::value* properties = object ? object->if_contains("properties") : nullptr;
  return properties && properties->is_object() && properties->get_object().contains("base-dir");
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
  void start(ConfigurationPtr configuration, Control& control) override;
  void reload(ConfigurationPtr configuration) override;
  void drain(UniqueFunction<void()> drained) override;
  void stop() override;

 private:
  plugin::Registry& registry(const config::Settings& settings);
  std::vector<control::SourcePlan> source_plans(const Configuration& configuration, config::Problems& problems);
  upstream::BalancersPtr make_balancers(const config::Settings& settings);
  void on_control(UniqueFunction<void()> task);  // runs it there and waits
  void apply(const Configuration& configuration);
  void watch_files(Control& control);
  void on_catalog(const catalog::CatalogPtr& catalog);
  void check_ready();
  control::AdminView admin_view();

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
  upstream::BalancersPtr balancers_;
  net::TimePoint started_{};
  bool published_ = false;
  UniqueFunction<void()> drained_;
};

plugin::Registry& Router::registry(const config::Settings& settings) {
  // A change of the directory takes a restart: the first one read without fault stays.
  if (!registry_ || (registry_directory_ != settings.plugins.directory && !thread_.joinable())) {
    registry_ = std::make_unique<plugin::Registry>(load_options(settings));
    registry_directory_ = settings.plugins.directory;
    registry_->scan();
  }
  return *registry_;
}

std::vector<config::Claim> Router::claims(const config::Settings& settings) {
  std::vector<config::Claim> out;
  const auto collect = [&] {
    for (const plugin::PluginInfo& info : registry(settings).list()) {
      if (info.state != plugin::PluginState::loaded) continue;
      for (const std::string& prefix : info.config_prefixes) out.push_back({prefix, info.id, schema_of(info)});
    }
  };
  thread_.joinable() ? on_control(collect) : collect();
  return out;
}

std::vector<control::SourcePlan> Router::source_plans(const Configuration& configuration, config::Problems& problems) {
  plugin::Registry& plugins = registry(configuration.settings);
  std::vector<control::SourcePlan> out;
  std::vector<std::string> used;
  const auto add = [&](const config::DiscoveryEntry& entry) {
    const auto loaded = plugins.find(entry.plugin);
    control::SourcePlan plan{entry.id, entry.plugin, entry.optional, "{}"};
    if (loaded) {
      const plugin::PluginInfo& info = loaded->info();
      used.push_back(info.id);
      const json::value schema = schema_of(info);
      json::object given = config::source_config(configuration.tree, entry, info.config_prefixes, schema, problems);
      // A plugin that reads files says so by this key: relative paths then start from application.yml's folder.
      if (wants_base_dir(schema) && !given.contains("base-dir") && !configuration.tree.files().empty()) {
        given["base-dir"] = std::filesystem::absolute(configuration.tree.files().front()).parent_path().string();
      }
      plan.config = json::serialize(given);
    }
    out.push_back(std::move(plan));
  };
  for (const config::DiscoveryEntry& entry : configuration.settings.router.discovery_order) add(entry);
  if (!configuration.settings.plugins.automatic) return out;
  for (const plugin::PluginInfo& info : plugins.list()) {
    if (info.state != plugin::PluginState::loaded || !is_kind(info, "discovery")) continue;
    if (std::find(used.begin(), used.end(), info.id) != used.end()) continue;
    config::DiscoveryEntry entry;
    entry.id = entry.plugin = info.id;
    entry.optional = true;
    add(entry);
  }
  return out;
}

void Router::check(const Configuration& configuration, config::Problems& problems) {
  const config::Settings& settings = configuration.settings;
  const auto look = [&] {
    plugin::Registry& plugins = registry(settings);
    const auto refused = [&](const std::string& id) {
      for (const plugin::PluginInfo& info : plugins.list()) {
        if (info.state == plugin::PluginState::refused && (info.id == id || info.file.stem() == id))
          return ": " + info.reason;
      }
      return std::string();
    };
    for (const config::DiscoveryEntry& entry : settings.router.discovery_order) {
      if (entry.optional) continue;
      const auto found = plugins.find(entry.plugin);
      if (!found) {
        problems.push_back({entry.origin, "mcp.router.discovery-order: no plugin \"" + entry.plugin + "\" in " +
                                              settings.plugins.directory + refused(entry.plugin) +
                                              "; `optional: true` lets the router start without it"});
      } else if (!found->discovery()) {
        problems.push_back({entry.origin, "mcp.router.discovery-order: the plugin \"" + entry.plugin +
                                              "\" is not a discovery plugin"});
      }
    }
    const auto balancer = plugins.find(settings.router.load_balancer);
    if (!balancer || !balancer->balancer()) {
      const config::Node* at = configuration.tree.find("mcp.router.load-balancer");
      problems.push_back({at ? at->origin : config::Origin{},
                          "mcp.router.load-balancer: no balancer plugin \"" + settings.router.load_balancer + "\" in " +
                              settings.plugins.directory + refused(settings.router.load_balancer)});
    }
    source_plans(configuration, problems);
  };
  thread_.joinable() ? on_control(look) : look();
  try {
    front_options(settings);
    listen_address(settings.server.address, settings.server.port, "server.address");
    if (settings.admin.enabled) listen_address(settings.admin.address, settings.admin.port, "admin.address");
  } catch (const std::invalid_argument& error) {
    problems.push_back({config::Origin{}, error.what()});
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

upstream::BalancersPtr Router::make_balancers(const config::Settings& settings) {
  auto out = std::make_shared<upstream::Balancers>();
  out->standard = settings.router.load_balancer;
  for (const plugin::PluginInfo& info : registry_->list()) {
    if (info.state != plugin::PluginState::loaded || !is_kind(info, "balancer")) continue;
    std::string error;
    auto balancer = plugin::Balancer::create(registry_->find(info.id), *services_, "{}", error);
    if (!balancer) {
      log::error(kLog, "balancer \"{}\" cannot be used: {}", info.id, error);
      continue;
    }
    out->by_name.emplace(info.id, std::move(balancer));
  }
  // The configured name may be an alias.
  if (const auto chosen = registry_->find(out->standard)) out->standard = chosen->id();
  return out;
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
    plugin::HostServices::Options lent;
    fetcher_ = std::make_unique<control::Fetcher>(loop_, blocking_);
    lent.log = log_of_plugin;
    lent.http = fetcher_.get();
    lent.metric = [this](const plugin::MetricUpdate& update) { plugin_metrics_.take(update); };
    lent.version = health_.version;
    services_ = std::make_unique<plugin::HostServices>(loop_, blocking_, std::move(lent));
    const control::DataPlaneOptions options = data_plane_options(settings);
    data_ = std::make_unique<control::DataPlane>(options, blocking_, health_);
    data_->shared().enabled = settings.router.enabled;
    balancers_ = make_balancers(settings);
    publisher_ = std::make_unique<control::Publisher>(loop_, blocking_, *data_, options.pool);
    publisher_->set_balancers(balancers_);
    sources_ = std::make_unique<control::Sources>(*registry_, *services_,
                                                  [this](const catalog::CatalogPtr& catalog) { on_catalog(catalog); });
    lookup_ = std::make_unique<control::NameLookup>(loop_, *sources_);
    lookup_->set_options(lookup_limits(settings), settings.router.service_names);
    data_->shared().lookup = lookup_.get();
    ready_timer_ = std::make_unique<net::Timer>(loop_, [this] { check_ready(); });
    if (settings.admin.enabled) {
      admin_ = std::make_unique<control::Admin>(loop_, admin_view(), admin_options(settings));
      admin_->start(listen_address(settings.admin.address, settings.admin.port, "admin.address"));
    }
    data_->start(listen_address(settings.server.address, settings.server.port, "server.address"));
    config::Problems problems;
    sources_->plan(source_plans(*configuration_, problems), settings.router.service_names);
    watch_files(control);
    log::info(kLog, "listening on {}:{} with {} data threads", settings.server.address, data_->port(),
              settings.server.threads);
    if (admin_) log::info(kLog, "admin listener on {}:{}", settings.admin.address, admin_->port());
    check_ready();
  });
}

void Router::on_catalog(const catalog::CatalogPtr& catalog) {
  health_.degraded = sources_->degraded();
  publisher_->publish(catalog, [this] {
    published_ = true;
    lookup_->published(publisher_->directory());
    check_ready();
  });
}

// Ready once each source has said what it has, or cannot; one that stays silent does not hold the others up for long.
void Router::check_ready() {
  if (health_.ready) return;
  if ((published_ && sources_->settled()) || net::Clock::now() - started_ > kReadyAtLatest) {
    health_.ready = true;
    health_.degraded = sources_->degraded();
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
    config::Problems problems;
    sources_->plan(source_plans(*configuration_, problems), settings.router.service_names);
    file_watch_->set_files(configuration_->tree.files());
  });
}

void Router::drain(UniqueFunction<void()> drained) {
  loop_.post([this, drained = std::move(drained)]() mutable {
    const config::Settings::Drain& drain = configuration_->settings.drain;
    drained_ = std::move(drained);
    data_->announce_drain();
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
    sources_.reset();
    fetcher_.reset();
    publisher_.reset();
    data_.reset();
    balancers_.reset();
  });
  blocking_.stop();
  loop_.stop();
  thread_.join();
}

control::AdminView Router::admin_view() {
  control::AdminView view;
  view.health = [this] {
    const bool out = !health_.ready || data_->shared().draining;
    json::object health{{"status", out ? "OUT_OF_SERVICE" : health_.degraded ? "DEGRADED" : "UP"}};
    json::array refused;
    for (const plugin::PluginInfo& at : registry_->list()) {
      if (at.state == plugin::PluginState::refused)
        refused.push_back({{"file", at.file.filename().string()}, {"reason", at.reason}});
    }
    health["components"] = {
        {"sources", sources_ ? sources_->describe() : json::value(json::array{})},
        {"plugins", {{"refused", std::move(refused)}}},
        {"services", sources_ ? sources_->catalog()->entries().size() : 0},
        {"sessions", {{"store", data_->shared().store->name()}, {"known", data_->shared().sessions.size()}}}};
    return health;
  };
  view.info = [this] {
    return json::object{{"build", {{"name", "mcp-router"}, {"version", health_.version}}},
                        {"instance-id", configuration_->settings.session.instance_id},
                        {"port", data_->port()},
                        {"threads", configuration_->settings.server.threads}};
  };
  view.plugins = [this] { return control::show_plugins(registry_->list()); };
  view.sources = [this] { return sources_->describe(); };
  view.services = [this] { return control::show_services(*sources_->catalog(), *publisher_->directory()); };
  view.service = [this](const std::string& name) {
    return control::show_service(*sources_->catalog(), *publisher_->directory(), name);
  };
  view.metrics = [this] {
    const auto cells = data_->cells();
    std::uint64_t clients = 0, instances = 0;
    for (const metrics::Cells* at : cells) {
      clients += at->client_connections();
      instances += at->upstream_connections();
    }
    std::vector<metrics::Gauge> gauges = plugin_metrics_.gauges();
    gauges.insert(
        gauges.end(),
        {
            {"mcp_router_sessions",
             "Sessions that this router knows",
             static_cast<double>(data_->shared().sessions.size()),
             {}},
            {"mcp_router_services",
             "Services in the catalog",
             static_cast<double>(sources_->catalog()->entries().size()),
             {}},
            {"mcp_router_client_connections", "Open connections of clients", static_cast<double>(clients), {}},
            {"mcp_router_upstream_connections", "Open connections to instances", static_cast<double>(instances), {}},
            {"mcp_router_ready",
             "1 while the router takes requests",
             health_.ready && !data_->shared().draining ? 1.0 : 0.0,
             {}},
        });
    return metrics::exposition(cells, gauges);
  };
  return view;
}

}  // namespace

std::unique_ptr<Runtime> make_router(std::string version) { return std::make_unique<Router>(std::move(version)); }

}  // namespace mcpr::app
