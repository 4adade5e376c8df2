#include "host/app/source_plans.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "host/config/discovery_order.hpp"

namespace mcpr::app {

namespace json = boost::json;

namespace {

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

std::string why_refused(const plugin::Registry& plugins, const std::string& id) {
  for (const plugin::PluginInfo& info : plugins.list()) {
    if (info.state == plugin::PluginState::refused && (info.id == id || info.file.stem() == id))
      return ": " + info.reason;
  }
  return {};
}

}  // namespace

bool is_kind(const plugin::PluginInfo& info, std::string_view kind) {
  return std::find(info.kinds.begin(), info.kinds.end(), kind) != info.kinds.end();
}

std::vector<config::Claim> plugin_claims(const plugin::Registry& plugins) {
  std::vector<config::Claim> out;
  for (const plugin::PluginInfo& info : plugins.list()) {
    if (info.state != plugin::PluginState::loaded) continue;
    for (const std::string& prefix : info.config_prefixes) out.push_back({prefix, info.id, schema_of(info)});
  }
  return out;
}

std::vector<control::SourcePlan> source_plans(const Configuration& configuration, const plugin::Registry& plugins,
                                              config::Problems& problems) {
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

void check_plugins(const Configuration& configuration, const plugin::Registry& plugins, config::Problems& problems) {
  const config::Settings& settings = configuration.settings;
  for (const config::DiscoveryEntry& entry : settings.router.discovery_order) {
    if (entry.optional) continue;
    const auto found = plugins.find(entry.plugin);
    if (!found) {
      problems.push_back({entry.origin, "mcp.router.discovery-order: no plugin \"" + entry.plugin + "\" in " +
                                            settings.plugins.directory + why_refused(plugins, entry.plugin) +
                                            "; `optional: true` lets the router start without it"});
    } else if (!found->discovery()) {
      problems.push_back(
          {entry.origin, "mcp.router.discovery-order: the plugin \"" + entry.plugin + "\" is not a discovery plugin"});
    }
  }
  const std::string& name = settings.router.load_balancer;
  const auto balancer = plugins.find(name);
  if (!balancer || !balancer->balancer()) {
    const config::Node* at = configuration.tree.find("mcp.router.load-balancer");
    problems.push_back({at ? at->origin : config::Origin{}, "mcp.router.load-balancer: no balancer plugin \"" + name +
                                                                "\" in " + settings.plugins.directory +
                                                                why_refused(plugins, name)});
  }
  source_plans(configuration, plugins, problems);
}

}  // namespace mcpr::app
