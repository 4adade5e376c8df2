#include "mcp_server.hpp"

#include <algorithm>
#include <mcpr/url.hpp>

namespace mcpr::nacos {
namespace {

bool read_object(std::string_view text, Json& value, const JsonObject*& out, std::string& error) {
  if (!parse_json(text, value, error)) return false;
  out = value.if_object();
  if (!out) error = "not a JSON object";
  return out != nullptr;
}

// From 3.0.1 on the latest published version is named. Before, there is one version.
Summary summary_from(const JsonObject& from) {
  Summary out;
  out.id = text_in(from, "id");
  out.name = text_in(from, "name");
  out.status = text_in(from, "status");
  out.version = text_in(from, "latestPublishedVersion");
  if (out.version.empty() && !from.contains("latestPublishedVersion") && !from.contains("versionDetails")) {
    out.version = text_in(from, "version");
    const JsonObject* detail = object_in(from, "versionDetail");
    if (out.version.empty() && detail) out.version = text_in(*detail, "version");
  }
  return out;
}

ServiceRef ref_from(const JsonObject& from, std::string_view ns) {
  ServiceRef out;
  out.key.ns = text_in(from, "namespaceId");
  if (out.key.ns.empty()) out.key.ns = ns;
  out.key.group = text_in(from, "groupName");
  if (out.key.group.empty()) out.key.group = kDefaultGroup;
  out.key.name = text_in(from, "serviceName");
  out.scheme = text_in(from, "transportProtocol");
  return out;
}

// `host`, `host:port`, `[v6]:port`; the port may be missing.
void address_from(std::string_view text, Endpoint& out) {
  url::Endpoint parts;
  std::string error;
  const std::string scheme = out.scheme == "https" ? "https://" : "http://";
  const bool has_scheme = text.find("://") != std::string_view::npos;
  if (!url::parse_endpoint(has_scheme ? std::string(text) : scheme + std::string(text), parts, error)) {
    out.host = text;  // shown with the reason why it cannot be used
    return;
  }
  out.host = parts.host;
  out.port = parts.port;
  if (has_scheme) out.scheme = parts.tls ? "https" : "http";
  if (out.path.empty()) out.path = parts.path;
}

Frontend frontend_from(const JsonObject& from, std::string_view ns) {
  Frontend out;
  out.type = text_in(from, "type");
  out.endpoint.scheme = text_in(from, "protocol");
  out.endpoint.path = text_in(from, "path");
  out.endpoint.headers = pairs_in(from, "headers");
  const std::string kind = text_in(from, "endpointType");
  const JsonObject* ref = object_in(from, "endpointData");
  if (kind == "BACKEND") {
    out.kind = Frontend::Kind::backend;
  } else if (kind == "REF" && ref) {
    out.kind = Frontend::Kind::ref;
    out.ref = ref_from(*ref, ns);
  } else {
    address_from(text_in(from, "endpointData"), out.endpoint);
  }
  return out;
}

std::vector<Endpoint> endpoints_from(const JsonObject& from, std::string_view key) {
  std::vector<Endpoint> out;
  const JsonArray* items = array_in(from, key);
  if (!items) return out;
  for (const Json& item : *items) {
    const JsonObject* object = item.if_object();
    if (!object) continue;
    Endpoint& endpoint = out.emplace_back();
    endpoint.scheme = text_in(*object, "protocol");
    endpoint.host = text_in(*object, "address");
    endpoint.port = port_in(*object, "port").value_or(0);
    endpoint.path = text_in(*object, "path");
    endpoint.headers = pairs_in(*object, "headers");
  }
  return out;
}

void tools_from(const JsonObject& from, Server& out) {
  out.tools.clear();
  const JsonObject* encrypted = object_in(from, "encryptData");
  out.tools_encrypted = encrypted && !text_in(*encrypted, "data").empty();
  const JsonObject* meta = object_in(from, "toolsMeta");
  const JsonArray* tools = array_in(from, "tools");
  if (!tools) return;
  for (const Json& item : *tools) {
    const JsonObject* object = item.if_object();
    if (!object) continue;
    sdk::Tool tool;
    tool.name = text_in(*object, "name");
    tool.description = text_in(*object, "description");
    const auto same = [&](const sdk::Tool& other) { return other.name == tool.name; };
    if (tool.name.empty() || std::any_of(out.tools.begin(), out.tools.end(), same)) continue;
    const JsonObject* own = meta ? object_in(*meta, tool.name) : nullptr;
    tool.enabled = !own || flag_in(*own, "enabled", true);
    out.tools.push_back(std::move(tool));
  }
}

void server_from(const JsonObject& from, std::string_view ns, Server& out) {
  out.id = text_in(from, "id");
  out.name = text_in(from, "name");
  out.ns = ns;
  out.protocol = text_in(from, "protocol");
  out.front_protocol = text_in(from, "frontProtocol");
  out.description = text_in(from, "description");
  out.status = text_in(from, "status");
  out.enabled = flag_in(from, "enabled", true);
  out.capabilities = texts_in(from, "capabilities");
  out.tools_document = text_in(from, "toolsDescriptionRef");
  const JsonObject* version = object_in(from, "versionDetail");
  if (version) out.version = text_in(*version, "version");
  if (out.version.empty()) out.version = text_in(from, "version");
  const JsonObject* remote = object_in(from, "remoteServerConfig");
  if (!remote) return;
  out.export_path = text_in(*remote, "exportPath");
  if (const JsonObject* ref = object_in(*remote, "serviceRef")) {
    out.ref = ref_from(*ref, ns);
    if (out.ref->key.name.empty()) out.ref.reset();
  }
  if (const JsonArray* frontends = array_in(*remote, "frontEndpointConfigList")) {
    for (const Json& item : *frontends) {
      if (const JsonObject* object = item.if_object()) out.frontends.push_back(frontend_from(*object, ns));
    }
  }
}

bool named(const Server& server, std::string& error) {
  if (server.name.empty()) error = "it has no name";
  return !server.name.empty();
}

}  // namespace

bool read_list(const Json& data, ListPage& out, std::string& error) {
  out = {};
  const JsonObject* page = data.if_object();
  const JsonArray* items = page ? array_in(*page, "pageItems") : nullptr;
  if (!items) {
    error = "the list of MCP servers has no pageItems";
    return false;
  }
  out.total = static_cast<std::size_t>(std::clamp(number_in(*page, "totalCount").value_or(0), 0.0, 1e9));
  for (const Json& item : *items) {
    const JsonObject* object = item.if_object();
    if (!object) continue;
    Summary summary = summary_from(*object);
    if (!summary.id.empty() || !summary.name.empty()) out.items.push_back(std::move(summary));
  }
  return true;
}

bool read_detail(const Json& data, std::string_view ns, Detail& out, std::string& error) {
  out = {};
  const JsonObject* from = data.if_object();
  if (!from) {
    error = "the detail is not a JSON object";
    return false;
  }
  server_from(*from, ns, out.server);
  if (const JsonObject* tools = object_in(*from, "toolSpec")) tools_from(*tools, out.server);
  out.backend = endpoints_from(*from, "backendEndpoints");
  out.frontend = endpoints_from(*from, "frontendEndpoints");
  return named(out.server, error);
}

bool read_versions_document(std::string_view text, Summary& out, std::string& error) {
  out = {};
  Json value;
  const JsonObject* from = nullptr;
  if (!read_object(text, value, from, error)) return false;
  out = summary_from(*from);
  return true;
}

bool read_server_document(std::string_view text, std::string_view ns, Server& out, std::string& error) {
  out = {};
  Json value;
  const JsonObject* from = nullptr;
  if (!read_object(text, value, from, error)) return false;
  server_from(*from, ns, out);
  return named(out, error);
}

bool read_tools_document(std::string_view text, Server& out, std::string& error) {
  Json value;
  const JsonObject* from = nullptr;
  if (!read_object(text, value, from, error)) return false;
  tools_from(*from, out);
  return true;
}

}  // namespace mcpr::nacos
