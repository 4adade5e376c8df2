#include "instances.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <mcpr/text.hpp>

namespace mcpr::nacos {
namespace {

bool is_tls(std::string_view scheme, std::uint16_t port) {
  if (scheme.empty()) return port == 443 || port == 8443;
  return url::detail::same_word(scheme, "https");
}

// Checks by the same parser that reads addresses in the configuration.
bool place(std::string_view host, std::uint16_t port, const Wiring& wiring, sdk::Instance& out, std::string& error) {
  if (port == 0) {
    error = "'" + std::string(host) + "' has no port";
    return false;
  }
  const bool bare_v6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  std::string text = is_tls(wiring.scheme, port) ? "https://" : "http://";
  text += bare_v6 ? "[" + std::string(host) + "]" : std::string(host);
  text += ":" + std::to_string(port) + normal_path(wiring.path, wiring.wire);
  url::Endpoint parts;
  if (!url::parse_endpoint(text, parts, error)) {
    error = "'" + text + "': " + error;
    return false;
  }
  out.host = std::move(parts.host);
  out.port = parts.port;
  out.path = std::move(parts.path);
  out.tls = parts.tls;
  out.transport = transport_of(wiring.wire);
  return true;
}

void add(Mapped& to, sdk::Instance instance) {
  for (sdk::Instance& other : to.service.instances) {
    const bool same = other.host == instance.host && other.port == instance.port && other.path == instance.path &&
                      other.tls == instance.tls;
    if (!same) continue;
    if (!(other.enabled && other.healthy) && instance.enabled && instance.healthy) other = std::move(instance);
    return;
  }
  to.service.instances.push_back(std::move(instance));
}

void leave_out(Mapped& to, const std::string& why) { to.notes.push_back("an address is left out: " + why); }

}  // namespace

std::uint32_t transport_of(url::Wire wire) {
  switch (wire) {
    case url::Wire::streamable_http: return MCPR_TRANSPORT_STREAMABLE_HTTP;
    case url::Wire::sse: return MCPR_TRANSPORT_SSE;
    case url::Wire::stdio: return MCPR_TRANSPORT_STDIO;
    case url::Wire::unroutable: break;
  }
  return MCPR_TRANSPORT_UNROUTABLE;
}

std::string normal_path(std::string_view path, url::Wire wire) {
  const std::size_t scheme = path.find("://");
  if (scheme != std::string_view::npos && scheme < path.find_first_of("/?")) {
    path = path.substr(std::min(path.find('/', scheme + 3), path.size()));
  }
  if (path.empty()) return std::string(url::default_path(wire));
  return (path.starts_with('/') ? "" : "/") + std::string(path);
}

void add_endpoint(Mapped& to, const Endpoint& endpoint, const Wiring& wiring) {
  Wiring own = wiring;
  if (!endpoint.path.empty()) own.path = endpoint.path;
  if (!endpoint.scheme.empty()) own.scheme = endpoint.scheme;
  sdk::Instance instance;
  std::string error;
  if (!place(endpoint.host, endpoint.port, own, instance, error)) return leave_out(to, error);
  add_headers(to, endpoint.headers);
  add(to, std::move(instance));
}

void add_host(Mapped& to, const Host& host, const Wiring& wiring) {
  sdk::Instance instance;
  std::string error;
  if (!place(host.ip, host.port, wiring, instance, error)) return leave_out(to, error);
  instance.weight_milli = static_cast<std::uint32_t>(std::llround(host.weight * 1000));
  instance.healthy = host.healthy;
  instance.enabled = host.enabled;
  instance.metadata = host.metadata;
  if (host.cluster != "DEFAULT") instance.zone = host.cluster;
  for (const auto& [key, value] : host.metadata) {
    if (key == "zone" && !value.empty()) instance.zone = value;
    if (key != "mcp.eras") continue;
    if (value.find("handshake") != std::string::npos) instance.eras |= MCPR_ERA_HANDSHAKE;
    if (value.find("stateless") != std::string::npos) instance.eras |= MCPR_ERA_STATELESS;
  }
  add(to, std::move(instance));
}

void add_headers(Mapped& to, const sdk::KeyValues& headers) {
  if (headers.empty()) return;
  Json options = JsonObject{{"headers", JsonObject{}}};
  std::string error;
  if (!to.service.options.empty()) parse_json(to.service.options, options, error);
  JsonObject& all = options.as_object()["headers"].as_object();
  for (const auto& [name, value] : headers) {
    if (!text::check_header(name, value, error)) {
      to.notes.push_back("a header is left out: " + error);
    } else if (!all.contains(name)) {
      all[name] = value;
    }
  }
  to.service.options = all.empty() ? "" : boost::json::serialize(options);
}

}  // namespace mcpr::nacos
