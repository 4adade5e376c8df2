// From settings to the options of the router's parts.
#pragma once

#include "host/config/settings.hpp"
#include "host/control/admin.hpp"
#include "host/control/data_plane.hpp"
#include "host/control/lookups.hpp"

namespace mcpr::app {

server::FrontOptionsPtr front_options(const config::Settings& settings);  // throws std::invalid_argument
route::RouteOptions route_options(const config::Settings& settings);
control::DataPlaneOptions data_plane_options(const config::Settings& settings);
control::Lookups::Limits lookup_limits(const config::Settings& settings);
control::AdminOptions admin_options(const config::Settings& settings);
// A numeric address or `localhost`. Throws std::invalid_argument that names the key.
net::Address listen_address(const std::string& address, std::uint16_t port, const char* key);

}  // namespace mcpr::app
