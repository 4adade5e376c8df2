// The options object of a service, as it crosses the plugin contract.
#pragma once

#include <string>
#include <string_view>

#include "host/catalog/model.hpp"

namespace mcpr::catalog {

// Reads a JSON object with the keys headers, timeouts {connect, response, idle, tools}, forward-authorization,
// forward-cookie, ca-file and load-balancer into out, which keeps its value for keys that are not given. Empty text is
// an empty object. A key that is unknown or of the wrong type is an error that names it; out is then unchanged.
bool parse_service_options(std::string_view json, ServiceOptions& out, std::string& error);

}  // namespace mcpr::catalog
