// A service as a plugin published it, copied into the router's own values.
#pragma once

#include <string>

#include "host/catalog/model.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Copies everything, so that nothing refers to the plugin's memory. False with what is wrong where the data breaks the
// contract; whether the name can stand in a path is the catalog's business. [any]
bool service_from_abi(const mcpr_service& from, catalog::Service& to, std::string& error);

}  // namespace mcpr::plugin
