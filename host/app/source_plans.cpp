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

// Whether a plugin that nobody lists is to be used: one whose schema says `"x-auto": "configured"` only where something
// is configured for it, since without that it could but fail, or connect to what nobody has named.
bool usable_unlisted(const Configuration& configuration, const config::DiscoveryEntry& entry,
                     const plugin::PluginInfo& info) {
  const json::value schema = schema_of(info);
  const json::object* object = schema.if_object();
  const json::value* rule = object ? object->if_contains("x-auto") : nullptr;
  if (!rule || !rule->is_string() || rule->get_string() != "configured") return true;
  config::Problems said_elsewhere;
  return !config::source_config(configuration.tree, entry, info.config_prefixes, schema, said_elsewhere).empty();
}

// What the source is given.
std::string config_for(const Configuration& configuration, const config::DiscoveryEntry& entry,
                       const plugin::PluginInfo& info, config::Problems& problems) {
  const json::value schema = schema_of(info);
  json::object given = config::source_config(configuration.tree, entry, info.config_prefixes, schema, problems);
  // A plugin that reads files says so by this key: relative paths then start from application.yml's folder.
  if (wants_base_dir(schema) && !given.contains("base-dir") && !configuration.tree.files().empty()) {
    given["base-dir"] = std::filesystem::absolute(configuration.tree.files().front()).parent_path().string();
  }
  return json::serialize(given);
}

// Under plugins.auto.
config::DiscoveryEntry entry_of_its_own(const plugin::PluginInfo& info) {
  config::DiscoveryEntry entry;
  entry.id = entry.plugin = info.id;
  entry.optional = true;
  return entry;
}

}  // namespace

std::vector<config::Claim> plugin_claims(const plugin::Registry& plugins) {
  std::vector<config::Claim> out;
  const auto add = [&](const plugin::PluginInfo& info) {
    for (const std::string& prefix : info.config_prefixes) out.push_back({prefix, info.id, schema_of(info)});
  };
  for (const auto& plugin : plugins.newest()) add(plugin->info());
  for (const plugin::PluginInfo& info : plugins.gone()) add(info);
  return out;
}

std::vector<control::SourcePlan> source_plans(const Configuration& configuration, const plugin::Registry& plugins,
                                              config::Problems& problems) {
  std::vector<control::SourcePlan> out;
  std::vector<std::string> used;
  const auto add = [&](const config::DiscoveryEntry& entry) {
    control::SourcePlan plan{entry.id, entry.plugin, entry.optional, "{}", plugins.find(entry.plugin)};
    if (plan.loaded) {
      used.push_back(plan.loaded->id());
      plan.config = config_for(configuration, entry, plan.loaded->info(), problems);
    }
    out.push_back(std::move(plan));
  };
  for (const config::DiscoveryEntry& entry : configuration.settings.router.discovery_order) add(entry);
  if (!configuration.settings.plugins.automatic) return out;
  for (const auto& plugin : plugins.newest()) {
    if (plugin->discovery() && std::find(used.begin(), used.end(), plugin->id()) == used.end()) {
      const config::DiscoveryEntry entry = entry_of_its_own(plugin->info());
      if (usable_unlisted(configuration, entry, plugin->info())) add(entry);
    }
  }
  return out;
}

std::vector<plugin::ProbeSource> sources_using(const Configuration& configuration, const plugin::PluginInfo& manifest) {
  std::vector<plugin::ProbeSource> out;
  config::Problems said_elsewhere;
  const auto add = [&](const config::DiscoveryEntry& entry) {
    out.push_back({entry.id, config_for(configuration, entry, manifest, said_elsewhere)});
  };
  for (const config::DiscoveryEntry& entry : configuration.settings.router.discovery_order) {
    if (plugin::answers_to(manifest, entry.plugin)) add(entry);
  }
  const bool discovers = std::find(manifest.kinds.begin(), manifest.kinds.end(), "discovery") != manifest.kinds.end();
  const config::DiscoveryEntry own = entry_of_its_own(manifest);
  if (out.empty() && discovers && configuration.settings.plugins.automatic &&
      usable_unlisted(configuration, own, manifest)) {
    add(own);
  }
  return out;
}

void check_plugins(const Configuration& configuration, const plugin::Registry& plugins, config::Problems& problems) {
  const config::Settings& settings = configuration.settings;
  for (const config::DiscoveryEntry& entry : settings.router.discovery_order) {
    if (entry.optional) continue;
    const auto found = plugins.find(entry.plugin);
    if (!found && plugins.gone(entry.plugin)) continue;  // the source is shown as missing until it comes back
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
