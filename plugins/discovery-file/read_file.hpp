// A whole file: which of the known forms it has, and the services in it.
#pragma once

#include <string_view>

#include "fields.hpp"
#include "names.hpp"

namespace mcpr::file {

// YAML or JSON (by the file's extension, else by how the text begins) with one of: a list `services`, at the top or
// under `mcp.router` or `spring.ai.alibaba.mcp.router`; a map `mcpServers`, or `servers` as VS Code writes it.
Reading read_file(std::string_view text, const Context& context);

// The `services` of the router's own configuration: a list.
void read_services(const Node& list, std::string_view label, const Context& context, Reading& reading);

}  // namespace mcpr::file
