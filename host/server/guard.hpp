// Who may talk to the router: Host and Origin (DNS rebinding, MCP 2025-11-25 "Security Warning"), and which proxies are
// believed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/net/address.hpp"
#include "host/net/http_head.hpp"

namespace mcpr::server {

struct GuardOptions {
  std::vector<std::string> allowed_hosts;  // names with or without port; "*": any; empty: the loopback names
  std::vector<std::string>
      allowed_origins;  // https://app.example; "*": any; empty: http(s) of the loopback names, any port
  std::vector<std::string> trusted_proxies;  // addresses or a.b.c.d/n; empty: loopback
};

class Guard {
 public:
  // Throws std::invalid_argument that names an entry it cannot read.
  explicit Guard(GuardOptions options);

  bool host_allowed(const net::Headers& fields) const;
  bool origin_allowed(const net::Headers& fields) const;  // true where there is none
  bool trusted(const net::Address& peer) const;
  // X-Forwarded-Prefix where the peer is trusted and the value is a path: "" or "/x/y".
  std::string_view forwarded_prefix(const net::Address& peer, const net::Headers& fields) const;

 private:
  struct Network {
    net::Address address;
    unsigned bits;
  };
  GuardOptions options_;
  std::vector<Network> proxies_;
};

struct CorsOptions {
  bool enabled = true;
  bool credentials = false;
  unsigned max_age_s = 600;
};

// Header lines for a client whose Origin is allowed; nothing where it sent none. The origin is named, never `*`.
std::string cors_fields(const net::Headers& fields, const CorsOptions& options);
std::string preflight_fields(const net::Headers& fields, const CorsOptions& options);

}  // namespace mcpr::server
