#include "host/app/admin_view.hpp"

#include <boost/json.hpp>

#include "host/control/views.hpp"
#include "host/metrics/exposition.hpp"

namespace mcpr::app {

namespace json = boost::json;

control::AdminView admin_view(const RouterParts& parts) {
  control::AdminView view;
  view.health = [parts] {
    const bool out = !parts.health.ready || parts.data.shared().draining;
    json::object health{{"status", out ? "OUT_OF_SERVICE" : parts.health.degraded ? "DEGRADED" : "UP"}};
    json::array refused;
    for (const plugin::PluginInfo& at : parts.plugins.list()) {
      if (at.state == plugin::PluginState::refused)
        refused.push_back({{"file", at.file.filename().string()}, {"reason", at.reason}});
    }
    health["components"] = {
        {"sources", parts.sources.describe()},
        {"plugins", {{"refused", std::move(refused)}}},
        {"services", parts.sources.catalog()->entries().size()},
        {"sessions", {{"store", parts.data.shared().store->name()}, {"known", parts.data.shared().sessions.size()}}}};
    return health;
  };
  view.info = [parts] {
    return json::object{{"build", {{"name", "mcp-router"}, {"version", parts.health.version}}},
                        {"instance-id", parts.settings().session.instance_id},
                        {"port", parts.data.port()},
                        {"threads", parts.settings().server.threads}};
  };
  view.plugins = [parts] { return control::show_plugins(parts.plugins.list()); };
  view.sources = [parts] { return parts.sources.describe(); };
  view.services = [parts] { return control::show_services(*parts.sources.catalog()); };
  view.service = [parts](const std::string& name) {
    return control::show_service(*parts.sources.catalog(), *parts.publisher.directory(), name,
                                 parts.sources.statements(name));
  };
  view.metrics = [parts] {
    const auto cells = parts.data.cells();
    std::uint64_t clients = 0, instances = 0;
    for (const metrics::Cells* at : cells) {
      clients += at->client_connections();
      instances += at->upstream_connections();
    }
    std::vector<metrics::Gauge> gauges = parts.plugin_metrics.gauges();
    gauges.insert(
        gauges.end(),
        {
            {"mcp_router_sessions",
             "Sessions that this router knows",
             static_cast<double>(parts.data.shared().sessions.size()),
             {}},
            {"mcp_router_services",
             "Services in the catalog",
             static_cast<double>(parts.sources.catalog()->entries().size()),
             {}},
            {"mcp_router_client_connections", "Open connections of clients", static_cast<double>(clients), {}},
            {"mcp_router_upstream_connections", "Open connections to instances", static_cast<double>(instances), {}},
            {"mcp_router_ready",
             "1 while the router takes requests",
             parts.health.ready && !parts.data.shared().draining ? 1.0 : 0.0,
             {}},
        });
    return metrics::exposition(cells, gauges);
  };
  return view;
}

}  // namespace mcpr::app
