#include "config/address.hpp"

#include <mcpr/url.hpp>

namespace mcpr::nacos {

std::string Address::authority(unsigned other) const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(other);
}

std::string Address::authority() const { return authority(port); }

std::string Address::url() const { return (tls ? "https://" : "http://") + authority() + context; }

std::string normal_context(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  while (text.starts_with('/')) text.remove_prefix(1);
  return text.empty() ? std::string() : "/" + std::string(text);
}

bool parse_address(std::string_view text, std::string_view default_context, bool tls_by_default, Address& out,
                   std::string& error) {
  Address address;
  address.context = default_context;
  address.tls = tls_by_default;
  const std::string_view whole = text;
  const bool https = text.starts_with("https://");
  const bool scheme = https || text.starts_with("http://");
  if (scheme) {
    address.tls = https;
    address.port = https ? 443 : 80;
    text.remove_prefix(https ? 8 : 7);
  }
  const std::size_t slash = text.find_first_of("/?#");
  url::Endpoint parts;
  bool has_port = false;
  std::string why;
  if (!url::detail::parse_authority(text.substr(0, slash), parts, has_port, why) ||
      (slash != std::string_view::npos && !url::detail::parse_path(text.substr(slash), parts.path, why))) {
    error = "'" + std::string(whole) + "': " + why;
    return false;
  }
  if (parts.path.find('?') != std::string::npos) {
    error = "'" + std::string(whole) + "': an address of Nacos has no query";
    return false;
  }
  address.host = parts.host;
  if (has_port) address.port = parts.port;
  if (!parts.path.empty() && parts.path != "/") address.context = normal_context(parts.path);
  out = std::move(address);
  return true;
}

}  // namespace mcpr::nacos
