#include "host/catalog/endpoint.hpp"

#include "sdk/include/mcpr/url.hpp"

namespace mcpr::catalog {
namespace {

Transport from_wire(url::Wire wire) {
  switch (wire) {
    case url::Wire::streamable_http: return Transport::streamable_http;
    case url::Wire::sse: return Transport::sse;
    case url::Wire::stdio: return Transport::stdio;
    case url::Wire::unroutable: break;
  }
  return Transport::unroutable;
}

}  // namespace

bool parse_endpoint(std::string_view text, std::string_view protocol, Endpoint& out, std::string& error) {
  Endpoint result;
  // What cannot be carried may have an endpoint of a form that we do not know (`grpc://...`, a command line).
  if (!protocol.empty()) {
    result.instance.transport = transport_of(protocol, {}, result.unroutable);
    if (!result.unroutable.empty()) {
      result.instance.path.clear();
      out = std::move(result);
      return true;
    }
  }
  url::Endpoint parts;
  if (!url::parse_endpoint(text, parts, error)) return false;
  const url::Wire wire = url::wire_of(protocol, parts.path, result.unroutable);
  Instance& instance = result.instance;
  instance.transport = from_wire(wire);
  instance.host = std::move(parts.host);
  instance.port = parts.port;
  instance.tls = parts.tls;
  instance.path = std::move(parts.path);
  result.lookup = std::move(parts.lookup);
  if (result.lookup.empty()) {
    if (instance.path.empty()) instance.path = url::default_path(wire);
    instance.id = instance_id(instance);
  }
  out = std::move(result);
  return true;
}

Transport transport_of(std::string_view protocol, std::string_view path, std::string& reason) {
  return from_wire(url::wire_of(protocol, path, reason));
}

std::string instance_id(const Instance& instance) {
  std::string id = instance.tls ? "https://" : "";
  const bool v6 = instance.host.find(':') != std::string::npos;
  id += v6 ? "[" + instance.host + "]" : instance.host;
  id += ':' + std::to_string(instance.port) + instance.path;
  return id;
}

std::pair<std::string_view, std::string_view> split_lookup(std::string_view lookup) {
  const std::size_t at = lookup.find('@');
  const std::size_t slash = at == std::string_view::npos ? at : lookup.find('/', at);
  if (slash == std::string_view::npos) return {lookup, {}};
  return {lookup.substr(0, slash), lookup.substr(slash)};
}

}  // namespace mcpr::catalog
