#include "host/server/guard.hpp"

#include <charconv>
#include <cstring>
#include <stdexcept>

namespace mcpr::server {

using net::Field;

namespace {

// "host:port" without the port; brackets stay.
std::string_view without_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) return authority;
  return authority.substr(0, colon);
}

bool loopback_name(std::string_view authority) {
  const std::string_view host = without_port(authority);
  return net::iequals(host, "localhost") || host == "127.0.0.1" || host == "[::1]";
}

bool path_segments(std::string_view text) {
  if (text.empty()) return true;
  bool start = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/') {
      if (start) return false;
      start = true;
      continue;
    }
    if (i == 0) return false;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                       c == '_' || c == '~' || c == '-';
    if (!plain) return false;
    start = false;
  }
  return !start;
}

bool within(const net::Address& address, const net::Address& network, unsigned bits) {
  if (address.v6() != network.v6()) return false;
  const auto* a = reinterpret_cast<const unsigned char*>(address.raw());
  const auto* b = reinterpret_cast<const unsigned char*>(network.raw());
  const std::size_t offset = address.v6() ? offsetof(sockaddr_in6, sin6_addr) : offsetof(sockaddr_in, sin_addr);
  const std::size_t whole = bits / 8;
  if (std::memcmp(a + offset, b + offset, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xffu << (8 - bits % 8) & 0xffu;
  return (a[offset + whole] & mask) == (b[offset + whole] & mask);
}

}  // namespace

Guard::Guard(GuardOptions options) : options_(std::move(options)) {
  for (const std::string& entry : options_.trusted_proxies) {
    const std::size_t slash = entry.find('/');
    const auto address = net::Address::numeric(entry.substr(0, slash), 0);
    unsigned bits = address && address->v6() ? 128 : 32;
    bool good = address.has_value();
    if (good && slash != std::string::npos) {
      unsigned given = 0;
      const auto [end, error] = std::from_chars(entry.data() + slash + 1, entry.data() + entry.size(), given);
      good = error == std::errc() && end == entry.data() + entry.size() && given <= bits;
      bits = given;
    }
    if (!good)
      throw std::invalid_argument("server.trusted-proxies: \"" + entry +
                                  "\" is not an address nor a network like 10.0.0.0/8");
    proxies_.push_back({*address, bits});
  }
}

bool Guard::host_allowed(const net::Headers& fields) const {
  if (fields.repeated(Field::host)) return false;
  const std::string_view host = fields.get(Field::host);
  if (options_.allowed_hosts.empty()) return loopback_name(host);
  for (const std::string& entry : options_.allowed_hosts) {
    if (entry == "*") return true;
    if (net::iequals(entry, host) || net::iequals(entry, without_port(host))) return true;
  }
  return false;
}

bool Guard::origin_allowed(const net::Headers& fields) const {
  if (!fields.has(Field::origin)) return true;
  if (fields.repeated(Field::origin)) return false;
  const std::string_view origin = fields.get(Field::origin);
  if (options_.allowed_origins.empty()) {
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (origin.starts_with(scheme) && loopback_name(origin.substr(scheme.size()))) return true;
    }
    return false;
  }
  for (const std::string& entry : options_.allowed_origins) {
    if (entry == "*" && origin != "null") return true;
    if (net::iequals(entry, origin)) return true;
    // An entry without a port stands for all ports.
    const std::size_t mark = origin.find("://");
    if (mark == std::string_view::npos) continue;
    const std::string_view host = without_port(origin.substr(mark + 3));
    if (net::iequals(entry, origin.substr(0, mark + 3 + host.size()))) return true;
  }
  return false;
}

bool Guard::trusted(const net::Address& peer) const {
  if (proxies_.empty()) return peer.loopback();
  for (const Network& network : proxies_) {
    if (within(peer, network.address, network.bits)) return true;
  }
  return false;
}

std::string_view Guard::forwarded_prefix(const net::Address& peer, const net::Headers& fields) const {
  if (!fields.has(Field::x_forwarded_prefix) || fields.repeated(Field::x_forwarded_prefix) || !trusted(peer)) return {};
  std::string_view prefix = fields.get(Field::x_forwarded_prefix);
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return path_segments(prefix) ? prefix : std::string_view();
}

std::string cors_fields(const net::Headers& fields, const CorsOptions& options) {
  if (!options.enabled || !fields.has(Field::origin)) return {};
  std::string out = "Access-Control-Allow-Origin: ";
  out.append(fields.get(Field::origin));
  out.append(
      "\r\nVary: Origin\r\nAccess-Control-Expose-Headers: Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate\r\n");
  if (options.credentials) out.append("Access-Control-Allow-Credentials: true\r\n");
  return out;
}

std::string preflight_fields(const net::Headers& fields, const CorsOptions& options) {
  std::string out = cors_fields(fields, options);
  if (out.empty()) return "Allow: GET, POST, DELETE, OPTIONS\r\n";
  out.append("Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\nAccess-Control-Max-Age: ");
  out.append(std::to_string(options.max_age_s)).append("\r\nAccess-Control-Allow-Headers: ");
  const std::string_view wanted = fields.find("Access-Control-Request-Headers");
  out.append(wanted.empty()
                 ? std::string_view("Content-Type, Accept, Authorization, Mcp-Session-Id, MCP-Protocol-Version, "
                                    "Mcp-Method, Mcp-Name, Last-Event-ID")
                 : wanted);
  out.append("\r\n");
  return out;
}

}  // namespace mcpr::server
