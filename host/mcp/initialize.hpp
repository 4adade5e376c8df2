// What the router must know of a service's answer to initialize.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcpr::mcp {

struct ServerFacts {
  std::string protocol_version;
  bool logging = false;              // understands logging/setLevel
  bool resources_subscribe = false;  // understands resources/subscribe
  bool tools = false;                // has tools
  bool tools_list_changed = false;   // says when they change
};

// Nothing: not a JSON object, or one without a protocolVersion.
std::optional<ServerFacts> read_initialize_result(std::string_view result_json);

}  // namespace mcpr::mcp
