#include "host/control/views.hpp"

#include <boost/json.hpp>
#include <ctime>

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

json::object pairs(const catalog::KeyValues& values) {
  json::object out;
  for (const auto& [key, value] : values) out[key] = value;
  return out;
}

// RFC 3339 in UTC, to the millisecond.
std::string time_text(catalog::Merge::WallTime at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%FT%T", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(millis));
  return text;
}

json::array eras_of(std::uint8_t eras) {
  json::array out;
  if (eras & catalog::era_handshake) out.emplace_back("handshake");
  if (eras & catalog::era_stateless) out.emplace_back("stateless");
  return out;
}

json::object show(const catalog::Instance& facts) {
  json::object out{{"id", facts.id},
                   {"address", (facts.host.find(':') == std::string::npos ? facts.host : "[" + facts.host + "]") + ":" +
                                   std::to_string(facts.port)},
                   {"path", facts.path},
                   {"tls", facts.tls},
                   {"transport", transport_name(facts.transport)},
                   {"eras", eras_of(facts.eras)},
                   {"weight", facts.weight_milli / 1000.0},
                   {"healthy", facts.healthy},
                   {"enabled", facts.enabled}};
  if (!facts.zone.empty()) out["zone"] = facts.zone;
  if (!facts.metadata.empty()) out["metadata"] = pairs(facts.metadata);
  return out;
}

// What a list and a page of its own have in common.
json::object show(const catalog::Service& service) {
  json::object out;
  out["name"] = service.name;
  out["enabled"] = service.enabled;
  out["protocol"] = service.protocol;
  out["version"] = service.version;
  out["description"] = service.description;
  const std::string_view why = catalog::why_not_routable(service);
  out["routable"] = why.empty();
  if (!why.empty()) out["reason"] = why;
  out["instances"] = service.instances.size();
  return out;
}

void add_details(json::object& out, const catalog::Service& service) {
  out["tags"] = json::value_from(service.tags);
  if (!service.lookup.empty()) out["lookup"] = service.lookup;
  if (!service.metadata.empty()) out["metadata"] = pairs(service.metadata);
  json::array tools;
  for (const catalog::Tool& tool : service.tools) {
    tools.push_back({{"name", tool.name}, {"description", tool.description}, {"enabled", tool.enabled}});
  }
  out["tools"] = std::move(tools);
  json::array instances;
  for (const catalog::Instance& instance : service.instances) instances.push_back(show(instance));
  out["instances"] = std::move(instances);
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

json::value show_services(const catalog::Catalog& catalog) {
  json::array services, problems;
  for (const catalog::Entry& entry : catalog.entries()) {
    json::object service = show(*entry.service);
    service["source"] = *entry.source;
    services.push_back(std::move(service));
  }
  for (const catalog::Problem& at : catalog.problems()) {
    problems.push_back({{"source", at.source}, {"service", at.service}, {"reason", at.reason}});
  }
  return {{"revision", catalog.revision()}, {"services", std::move(services)}, {"problems", std::move(problems)}};
}

json::value show_service(const catalog::Catalog& catalog, const upstream::Directory& directory, const std::string& name,
                         const std::vector<catalog::Merge::Statement>& statements) {
  const catalog::Entry* entry = catalog.find(name);
  if (!entry && statements.empty()) return {};
  json::object out{{"name", name}};
  if (entry) {
    out = show(*entry->service);
    out["source"] = *entry->source;
    add_details(out, *entry->service);
    const std::size_t at = directory.find(name);
    if (at != upstream::Directory::kNone) {
      // The eras that probing found are known here, not to the source.
      json::array instances;
      for (const upstream::InstancePtr& instance : directory.at(at).instances) {
        json::object one = show(instance->facts());
        one["eras"] = eras_of(instance->eras());
        instances.push_back(std::move(one));
      }
      out["instances"] = std::move(instances);
    }
  }
  json::array said;
  for (const catalog::Merge::Statement& at : statements) {
    json::object one{{"source", at.source}, {"used", at.used}};
    if (at.changed != catalog::Merge::WallTime{}) one["changed"] = time_text(at.changed);
    if (!at.problem.empty()) one["problem"] = at.problem;
    json::object service = show(*at.service);
    add_details(service, *at.service);
    one["service"] = std::move(service);
    said.push_back(std::move(one));
  }
  out["statements"] = std::move(said);
  return out;
}

}  // namespace mcpr::control
