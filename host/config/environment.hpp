// The layer of environment variables: SERVER_PORT is server.port.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/config/claim.hpp"
#include "host/config/node.hpp"
#include "host/config/placeholder.hpp"

namespace mcpr::config {

// "mcp.session.instance-id" -> "MCP_SESSION_INSTANCE_ID", and without `keep_dashes` "MCP_SESSION_INSTANCEID". Both are
// taken.
std::string variable_name(std::string_view key, bool keep_dashes);

// Takes the variables that name a key of the schema, an element of a list (MCP_ROUTER_DISCOVERY_ORDER_0), or something
// below a prefix that a plugin claims; there the plugin's schema, then what `below` has, tell dashes from dots. All
// others are somebody else's and left alone; one that misses a key of ours by a letter is worth a note.
Node environment_layer(const Environment& environment, std::span<const Claim> claims, const Node& below,
                       Problems& problems, std::vector<std::string>& notes);

}  // namespace mcpr::config
