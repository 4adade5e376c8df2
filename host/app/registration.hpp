// What the router tells a registry of itself.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "host/catalog/model.hpp"
#include "host/config/settings.hpp"

namespace mcpr::app {

// The service with this router as its one instance; none where the configuration does not want it. port: where the
// router listens. The metadata are what mcp-router-v3 registers, so that what looks for routers finds this one too.
std::optional<catalog::Service> registration(const config::Settings& settings, std::uint16_t port,
                                             const std::string& version, std::chrono::system_clock::time_point started);

}  // namespace mcpr::app
