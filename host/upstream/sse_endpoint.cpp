#include "host/net/http_head.hpp"
#include "host/upstream/sse_link.hpp"

namespace mcpr::upstream {

std::string resolve_endpoint(std::string_view base, std::string_view endpoint, std::string_view scheme,
                             std::string_view host, unsigned port) {
  while (!endpoint.empty() && endpoint.back() == ' ') endpoint.remove_suffix(1);
  for (const char c : endpoint) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return {};
  }
  if (const std::size_t mark = endpoint.find("://"); mark != std::string_view::npos && mark < endpoint.find('/')) {
    if (!net::iequals(endpoint.substr(0, mark), scheme)) return {};
    endpoint.remove_prefix(mark + 3);
    const std::size_t slash = endpoint.find_first_of("/?");
    const std::string_view authority = endpoint.substr(0, slash);
    const std::string bare =
        host.find(':') == std::string_view::npos ? std::string(host) : "[" + std::string(host) + "]";
    const bool default_port = port == (net::iequals(scheme, "https") ? 443u : 80u);
    // Servers name themselves as they think they are called; loopback has several names.
    const auto loopback = [](std::string_view h) { return h == "localhost" || h == "127.0.0.1" || h == "[::1]"; };
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    const std::string_view name = has_port ? authority.substr(0, colon) : authority;
    const bool same_port = has_port ? authority.substr(colon + 1) == std::to_string(port) : default_port;
    if (!same_port || !(net::iequals(name, bare) || (loopback(name) && loopback(bare)))) return {};
    if (slash == std::string_view::npos) return "/";
    endpoint.remove_prefix(slash);
    return (endpoint.front() == '?' ? "/" : "") + std::string(endpoint);
  }
  if (endpoint.empty() || endpoint.starts_with("//")) return {};
  if (endpoint.front() == '/') return std::string(endpoint);
  const std::string_view path = base.substr(0, base.find('?'));
  if (endpoint.front() == '?') return std::string(path).append(endpoint);
  return std::string(path.substr(0, path.rfind('/') + 1)).append(endpoint);
}

}  // namespace mcpr::upstream
