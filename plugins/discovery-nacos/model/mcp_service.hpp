// From an MCP server of Nacos 3's registry to a service of the router.
#pragma once

#include <functional>
#include <vector>

#include "instances.hpp"
#include "mcp_server.hpp"

namespace mcpr::nacos {

// The naming services whose instances `to_service` wants to know; none where the server cannot be routed.
std::vector<ServiceKey> wanted_services(const Server& server);

using HostsOf = std::function<const std::vector<Host>*(const ServiceKey&)>;  // null: not known

Mapped to_service(const Server& server, const HostsOf& hosts_of);
Mapped to_service(const Detail& detail);

}  // namespace mcpr::nacos
