#include "naming_service.hpp"

#include <algorithm>
#include <initializer_list>

namespace mcpr::nacos {
namespace {

constexpr std::string_view kVirtual = "virtual-";
constexpr std::string_view kMcp = "mcp-";

std::string_view first_of(const sdk::KeyValues& metadata, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys) {
    for (const auto& [name, value] : metadata) {
      if (name == key && !value.empty()) return value;
    }
  }
  return {};
}

bool is_scheme(std::string_view word) {
  return url::detail::same_word(word, "http") || url::detail::same_word(word, "https");
}

bool is_router(const Host& host) {
  return first_of(host.metadata, {"role"}) == "router" || first_of(host.metadata, {"type"}) == "mcp-router";
}

bool is_wanted(const Host& host, const NamingRules& rules) {
  if (rules.v3 && is_router(host)) return false;
  return std::all_of(rules.metadata.begin(), rules.metadata.end(), [&](const auto& wanted) {
    const std::string_view value = first_of(host.metadata, {wanted.first});
    return wanted.second.empty() ? !value.empty() : value == wanted.second;
  });
}

// What an instance speaks, as its metadata spells it; empty where it does not say.
std::string_view protocol_in(const sdk::KeyValues& metadata) {
  const std::string_view transport = first_of(metadata, {"transport.type", "mcp.transport", "transport"});
  if (!transport.empty()) return transport;
  const std::string_view protocol = first_of(metadata, {"mcp.protocol", "protocol"});
  return is_scheme(protocol) ? std::string_view{} : protocol;
}

std::string scheme_in(const sdk::KeyValues& metadata) {
  const std::string_view scheme = first_of(metadata, {"scheme", "mcp.scheme", "protocol"});
  if (is_scheme(scheme)) return std::string(scheme);
  const std::string_view secure = first_of(metadata, {"secure", "tls"});
  return secure == "true" ? "https" : secure == "false" ? "http" : "";
}

struct Spoken {
  Wiring wiring;
  std::string protocol;
  std::string unroutable;
};

Spoken spoken_by(const Host& host, std::string_view name, const NamingRules& rules, const Server* documents) {
  const std::string_view streamable =
      first_of(host.metadata, {"streamableEndpoint", "streamable-endpoint", "streamable.endpoint"});
  const std::string_view sse = first_of(host.metadata, {"sseEndpoint", "sse-endpoint", "sse.endpoint"});
  const std::string_view any = first_of(host.metadata, {"exportPath", "export-path", "mcp.path", "mcp.endpoint"});
  const bool has_documents = documents && !documents->protocol.empty();
  // mcp-router-v3 posts to these whatever their metadata says of SSE.
  const bool is_virtual = rules.v3 && name.starts_with(kVirtual) && streamable.empty();

  Spoken out;
  out.protocol = protocol_in(host.metadata);
  std::string_view fallback;
  if (is_virtual && out.protocol.find("stream") == std::string::npos) {
    out.protocol = "mcp-streamable";
    fallback = "/mcp/message";
  } else if (out.protocol.empty()) {
    out.protocol = !streamable.empty() ? "mcp-streamable"
                   : !sse.empty()      ? "mcp-sse"
                   : has_documents     ? documents->protocol
                   : rules.v3          ? "mcp-sse"
                                       : rules.protocol;
  }
  out.wiring.wire = url::wire_of(out.protocol, any, out.unroutable);
  out.wiring.scheme = scheme_in(host.metadata);
  std::string_view path = !fallback.empty() ? fallback : out.wiring.wire == url::Wire::sse ? sse : streamable;
  if (path.empty()) path = any;
  if (path.empty() && documents) path = documents->export_path;
  out.wiring.path = path;
  return out;
}

void tools_in(const sdk::KeyValues& metadata, std::vector<sdk::Tool>& out) {
  std::string_view names = first_of(metadata, {"tools.names"});
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    std::string_view name = names.substr(0, end);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto same = [&](const sdk::Tool& tool) { return tool.name == name; };
    if (!name.empty() && std::none_of(out.begin(), out.end(), same)) out.push_back({std::string(name), "", true});
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

}  // namespace

std::string_view short_name(std::string_view name) {
  for (std::string_view prefix : {kMcp, kVirtual}) {
    if (name.starts_with(prefix) && name.size() > prefix.size()) return name.substr(prefix.size());
  }
  return {};
}

std::optional<Mapped> to_service(const ServiceKey& key, const std::vector<Host>& hosts, const NamingRules& rules,
                                 const Server* documents) {
  const auto [name, named_version] = split_version(key.name);
  Mapped out;
  sdk::Service& service = out.service;
  service.name = name;
  service.metadata = {{"nacos.namespace", key.ns}, {"nacos.service", key.str()}};
  if (documents) {
    service.description = documents->description;
    service.version = documents->version;
    service.enabled = documents->enabled;
    service.tools = documents->tools;
  }
  std::string unroutable;
  bool wanted = hosts.empty(), callable = hosts.empty();
  for (const Host& host : hosts) {
    if (!is_wanted(host, rules)) continue;
    wanted = true;
    const Spoken spoken = spoken_by(host, name, rules, documents);
    if (service.protocol.empty()) service.protocol = spoken.protocol;
    if (service.version.empty()) service.version = first_of(host.metadata, {"version", "mcp.version"});
    if (service.description.empty()) service.description = first_of(host.metadata, {"description"});
    if (!documents || documents->tools.empty()) tools_in(host.metadata, service.tools);
    if (!spoken.unroutable.empty()) {
      unroutable = spoken.unroutable;
      continue;
    }
    callable = true;
    add_host(out, host, spoken.wiring);
  }
  if (!wanted) return {};
  if (!callable) service.unroutable = unroutable;
  if (service.version.empty()) service.version = named_version;
  if (service.protocol.empty() && documents) service.protocol = documents->protocol;
  if (rules.v3 && name.starts_with(kVirtual)) add_headers(out, {{"X-Service-Name", std::string(name)}});
  return out;
}

}  // namespace mcpr::nacos
