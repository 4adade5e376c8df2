#include "host/control/views.hpp"

#include <boost/json.hpp>

namespace mcpr::control {

namespace json = boost::json;

namespace {

std::string_view transport_name(catalog::Transport transport) {
  switch (transport) {
    case catalog::Transport::streamable_http: return "streamable-http";
    case catalog::Transport::sse: return "sse";
    case catalog::Transport::stdio: return "stdio";
    case catalog::Transport::unroutable: break;
  }
  return "unroutable";
}

json::array eras_of(std::uint8_t eras) {
  json::array out;
  if (eras & catalog::era_handshake) out.emplace_back("handshake");
  if (eras & catalog::era_stateless) out.emplace_back("stateless");
  return out;
}

json::object show(const catalog::Entry& entry, const upstream::Directory& directory, bool whole) {
  const catalog::Service& service = *entry.service;
  json::object out;
  out["name"] = service.name;
  out["source"] = *entry.source;
  out["enabled"] = service.enabled;
  out["protocol"] = service.protocol;
  out["version"] = service.version;
  out["description"] = service.description;
  const std::string_view why = catalog::why_not_routable(service);
  out["routable"] = why.empty();
  if (!why.empty()) out["reason"] = why;
  out["instances"] = service.instances.size();
  if (!whole) return out;
  out["tags"] = json::value_from(service.tags);
  json::array instances;
  const std::size_t at = directory.find(service.name);
  if (at != upstream::Directory::kNone) {
    for (const upstream::InstancePtr& instance : directory.at(at).instances) {
      const catalog::Instance& facts = instance->facts();
      instances.push_back({{"id", facts.id},
                           {"address", instance->address()},
                           {"path", facts.path},
                           {"tls", facts.tls},
                           {"transport", transport_name(facts.transport)},
                           {"eras", eras_of(instance->eras())},
                           {"weight", facts.weight_milli / 1000.0},
                           {"healthy", facts.healthy},
                           {"enabled", facts.enabled}});
    }
  }
  out["instances"] = std::move(instances);
  json::array tools;
  for (const catalog::Tool& tool : service.tools) {
    tools.push_back({{"name", tool.name}, {"description", tool.description}, {"enabled", tool.enabled}});
  }
  out["tools"] = std::move(tools);
  return out;
}

}  // namespace

json::value show_plugins(const std::vector<plugin::PluginInfo>& plugins) {
  json::array out;
  for (const plugin::PluginInfo& at : plugins) {
    json::object plugin{{"file", at.file.filename().string()}, {"state", plugin::to_string(at.state)}};
    if (at.state == plugin::PluginState::loaded) {
      plugin["id"] = at.id;
      plugin["version"] = at.version;
      plugin["kinds"] = json::value_from(at.kinds);
      plugin["aliases"] = json::value_from(at.aliases);
      plugin["description"] = at.description;
    }
    if (!at.reason.empty()) plugin["reason"] = at.reason;
    if (!at.warnings.empty()) plugin["warnings"] = json::value_from(at.warnings);
    out.push_back(std::move(plugin));
  }
  return out;
}

json::value show_services(const catalog::Catalog& catalog, const upstream::Directory& directory) {
  json::array services, problems;
  for (const catalog::Entry& entry : catalog.entries()) services.push_back(show(entry, directory, false));
  for (const catalog::Problem& at : catalog.problems()) {
    problems.push_back({{"source", at.source}, {"service", at.service}, {"reason", at.reason}});
  }
  return {{"revision", catalog.revision()}, {"services", std::move(services)}, {"problems", std::move(problems)}};
}

json::value show_service(const catalog::Catalog& catalog, const upstream::Directory& directory,
                         const std::string& name) {
  const catalog::Entry* entry = catalog.find(name);
  return entry ? json::value(show(*entry, directory, true)) : json::value();
}

}  // namespace mcpr::control
