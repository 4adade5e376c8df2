#include "mcp_service.hpp"

#include <algorithm>

namespace mcpr::nacos {
namespace {

enum class Where : std::uint8_t { nowhere, backend, frontend };

struct Plan {
  Where where = Where::nowhere;
  url::Wire wire = url::Wire::unroutable;
  std::string unroutable;
};

// `http` and `dubbo` name plain APIs that a gateway turns into MCP: only what the gateway offers can be called.
bool is_mcp(std::string_view protocol) {
  return protocol == "mcp-sse" || protocol == "mcp-streamable" || protocol == "sse" || protocol == "streamable" ||
         protocol == "streamable-http" || protocol == "mcp-streamable-http";
}

url::Wire wire_of(std::string_view protocol) {
  std::string reason;
  return url::wire_of(protocol, {}, reason);
}

const Frontend* first_frontend(const Server& server) {
  const auto usable = [&](const Frontend& at) { return is_mcp(at.type.empty() ? server.front_protocol : at.type); };
  const auto found = std::find_if(server.frontends.begin(), server.frontends.end(), usable);
  return found == server.frontends.end() ? nullptr : &*found;
}

// What an address of the detail speaks. It does not say so itself: the entry of the configuration does that it is made
// from, which is known by its path.
url::Wire frontend_wire(const Server& server, const Endpoint& endpoint, url::Wire usual) {
  for (const Frontend& at : server.frontends) {
    const std::string& type = at.type.empty() ? server.front_protocol : at.type;
    const std::string& path = at.kind == Frontend::Kind::backend ? server.export_path : at.endpoint.path;
    if (is_mcp(type) && path == endpoint.path) return wire_of(type);
  }
  return usual;
}

// has_backend: whether the registry names a backend at all, be it one without instances right now.
Plan plan_of(const Server& server, bool has_backend, bool has_frontend) {
  if (server.protocol == "stdio") {
    Plan plan;
    plan.wire = url::wire_of("stdio", {}, plan.unroutable);
    return plan;
  }
  if (is_mcp(server.protocol) && (has_backend || !has_frontend)) {
    return {Where::backend, wire_of(server.protocol), has_backend ? "" : "Nacos knows no address of it"};
  }
  if (has_frontend) {
    const Frontend* front = first_frontend(server);
    const std::string& type = front && !front->type.empty()   ? front->type
                              : is_mcp(server.front_protocol) ? server.front_protocol
                                                              : server.protocol;
    if (is_mcp(type)) return {Where::frontend, wire_of(type), ""};
  }
  const bool api = server.protocol == "http" || server.protocol == "https" || server.protocol == "dubbo";
  Plan plan;
  plan.unroutable = "protocol '" + server.protocol + "' " +
                    (api ? "is a plain API, and Nacos names no gateway that serves it as MCP"
                         : "is not one the router speaks (mcp-streamable, mcp-sse)");
  return plan;
}

Mapped describe(const Server& server, const Plan& plan) {
  Mapped out;
  sdk::Service& service = out.service;
  service.name = server.name;
  service.description = server.description;
  service.version = server.version;
  service.protocol = server.protocol;
  service.enabled = server.enabled;
  service.tools = server.tools;
  service.unroutable = plan.unroutable;
  if (server.status == "deprecated") service.tags.push_back(server.status);
  service.metadata = {{"nacos.namespace", server.ns}};
  if (!server.id.empty()) service.metadata.emplace_back("nacos.id", server.id);
  if (server.ref) service.metadata.emplace_back("nacos.service", server.ref->key.str());
  if (!server.status.empty()) service.metadata.emplace_back("nacos.status", server.status);
  if (!server.front_protocol.empty() && server.front_protocol != server.protocol) {
    service.metadata.emplace_back("nacos.front-protocol", server.front_protocol);
  }
  std::string words;
  for (const std::string& word : server.capabilities) words += (words.empty() ? "" : ",") + word;
  if (!words.empty()) service.metadata.emplace_back("nacos.capabilities", words);
  if (server.tools_encrypted) out.notes.emplace_back("its tools are encrypted in Nacos and not known to the router");
  return out;
}

void add_hosts(Mapped& to, const std::vector<Host>* hosts, const Wiring& wiring) {
  if (!hosts) return;
  for (const Host& host : *hosts) add_host(to, host, wiring);
}

}  // namespace

std::vector<ServiceKey> wanted_services(const Server& server) {
  const Frontend* front = first_frontend(server);
  const Plan plan = plan_of(server, server.ref.has_value(), front != nullptr);
  std::vector<ServiceKey> out;
  if (plan.where == Where::backend && server.ref) out.push_back(server.ref->key);
  if (plan.where != Where::frontend) return out;
  for (const Frontend& at : server.frontends) {
    if (at.kind == Frontend::Kind::ref && !at.ref.key.name.empty()) out.push_back(at.ref.key);
    if (at.kind == Frontend::Kind::backend && server.ref) out.push_back(server.ref->key);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Mapped to_service(const Server& server, const HostsOf& hosts_of) {
  const Plan plan = plan_of(server, server.ref.has_value(), first_frontend(server) != nullptr);
  Mapped out = describe(server, plan);
  if (plan.where == Where::backend && server.ref) {
    add_hosts(out, hosts_of(server.ref->key), {plan.wire, server.export_path, server.ref->scheme});
  }
  if (plan.where != Where::frontend) return out;
  for (const Frontend& at : server.frontends) {
    const std::string& type = at.type.empty() ? server.front_protocol : at.type;
    if (!is_mcp(type)) continue;
    Wiring wiring{wire_of(type), at.endpoint.path, at.endpoint.scheme};
    if (at.kind == Frontend::Kind::direct) {
      add_endpoint(out, at.endpoint, wiring);
      continue;
    }
    const bool own = at.kind == Frontend::Kind::ref;
    if (!own && !server.ref) continue;
    const ServiceRef& ref = own ? at.ref : *server.ref;
    // A copy of the backend: Nacos takes no notice of what else stands there.
    if (!own) wiring = {wiring.wire, server.export_path, ""};
    if (wiring.scheme.empty()) wiring.scheme = ref.scheme;
    add_headers(out, at.endpoint.headers);
    add_hosts(out, hosts_of(ref.key), wiring);
  }
  return out;
}

Mapped to_service(const Detail& detail) {
  const Server& server = detail.server;
  const bool has_backend = server.ref.has_value() || !detail.backend.empty();
  const Plan plan = plan_of(server, has_backend, !detail.frontend.empty());
  Mapped out = describe(server, plan);
  if (plan.where == Where::backend) {
    const Wiring wiring{plan.wire, server.export_path, server.ref ? server.ref->scheme : ""};
    for (const Endpoint& at : detail.backend) add_endpoint(out, at, wiring);
  } else if (plan.where == Where::frontend) {
    for (const Endpoint& at : detail.frontend) add_endpoint(out, at, {frontend_wire(server, at, plan.wire), "", ""});
  }
  return out;
}

}  // namespace mcpr::nacos
