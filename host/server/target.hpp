// What a request's target asks for.
#pragma once

#include <string>
#include <string_view>

namespace mcpr::server {

enum class Endpoint {
  mcp,        // /mcp, /mcp/{service}
  sse,        // /sse, /sse/{service}
  message,    // /mcp/message, /mcp/{service}/message: where clients of the legacy SSE transport post
  health,     // /actuator/health
  liveness,   // /actuator/health/liveness
  readiness,  // /actuator/health/readiness
  info,       // /actuator/info
  unknown,
};

struct Target {
  Endpoint endpoint = Endpoint::unknown;
  bool named = false;      // a service is named, in the path or by ?serviceName=
  std::string service;     // percent-decoded
  std::string session_id;  // ?sessionId=
};

// `prefix` is the context path, "" or "/x": a target without it is unknown.
Target parse_target(std::string_view target, std::string_view prefix);

// False: a broken escape.
bool percent_decode(std::string_view text, std::string& out);
std::string percent_encode_segment(std::string_view text);

}  // namespace mcpr::server
