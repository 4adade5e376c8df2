// One service out of one entry of a file, in either of the two forms that there are.
#pragma once

#include <string_view>

#include "fields.hpp"

namespace mcpr::reader {

// An entry of a `services` list. What is wrong goes to reading.errors; `label` ("services[2]") names an entry without a
// name.
void read_service(const Node& entry, std::string_view label, const Context& context, Reading& reading);

// An entry of `mcpServers` (or of `servers`, in VS Code's files): its key is the service's name.
void read_mcp_server(const Member& entry, const Context& context, Reading& reading);

}  // namespace mcpr::reader
