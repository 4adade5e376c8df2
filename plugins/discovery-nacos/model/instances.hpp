// From Nacos' addresses to instances of a service: paths, schemes, weights, and what makes an address unusable.
#pragma once

#include <mcpr/service.hpp>
#include <mcpr/url.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mcp_server.hpp"
#include "service_info.hpp"

namespace mcpr::nacos {

// A service as it is to be published, and what people should know about it.
struct Mapped {
  sdk::Service service;
  std::vector<std::string> notes;
};

struct Wiring {
  url::Wire wire = url::Wire::streamable_http;
  std::string path;    // empty: the transport's usual one
  std::string scheme;  // http, https; empty: 443 and 8443 mean https, as Nacos' own clients have it
};

// The path with its leading slash, or the usual one where it is empty. Of a whole URL, the path.
std::string normal_path(std::string_view path, url::Wire wire);

// Adds an instance; of two at one place, the one that can be used stays. An address that no request can be sent to is
// left out with a note.
void add_endpoint(Mapped& to, const Endpoint& endpoint, const Wiring& wiring);
void add_host(Mapped& to, const Host& host, const Wiring& wiring);

// Adds headers to the service's options. Those that the router would refuse are left out with a note.
void add_headers(Mapped& to, const sdk::KeyValues& headers);

std::uint32_t transport_of(url::Wire wire);

}  // namespace mcpr::nacos
