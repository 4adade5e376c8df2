// Accept and Content-Type, as far as MCP uses them (RFC 9110, sections 8.3 and 12.5.1).
#pragma once

#include <string_view>

namespace mcpr::mcp {

struct Acceptable {
  bool json = false;  // application/json
  bool sse = false;   // text/event-stream
};

// The most specific range decides; weight 0 excludes. No Accept header, or an empty one, accepts everything.
Acceptable accepts(std::string_view accept_header_value);

bool is_json(std::string_view content_type);  // and in UTF-8
bool is_event_stream(std::string_view content_type);

}  // namespace mcpr::mcp
