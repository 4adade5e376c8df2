#include "host/metrics/cells.hpp"

namespace mcpr::metrics {

const CounterInfo& info(Counter counter) {
  static constexpr std::array<CounterInfo, static_cast<std::size_t>(Counter::count)> table = {{
      {"mcp_router_http_requests_total", "HTTP requests on MCP paths"},
      {"mcp_router_http_refused_total", "Requests that the router refused with a 4xx of its own"},
      {"mcp_router_messages_total", "JSON-RPC messages received from clients"},
      {"mcp_router_forwarded_total", "Messages sent to instances"},
      {"mcp_router_upstream_failures_total", "Messages that no instance answered"},
      {"mcp_router_sessions_opened_total", "Sessions opened"},
      {"mcp_router_sessions_closed_total", "Sessions ended by their client or instance"},
      {"mcp_router_sessions_expired_total", "Sessions ended because they were idle"},
      {"mcp_router_sessions_refused_total", "Sessions refused because the bound was reached"},
      {"mcp_router_streams_refused_total", "Streams refused because the session's bound was reached"},
      {"mcp_router_messages_dropped_total", "Messages dropped because a bound on kept messages was reached"},
      {"mcp_router_heartbeats_total", "Heartbeats sent on streams"},
      {"mcp_router_lookups_total", "Requests for services that nobody has published, which the sources were asked for"},
      {"mcp_router_tool_notices_total", "Clients told that a list of tools has changed"},
      {"mcp_router_disabled_calls_total", "Calls of disabled tools that the router has refused"},
      {"mcp_router_answers_too_large_total", "Answers given up because the bound on answers taken whole was reached"},
      {"mcp_router_requests_refused_total",
       "Requests refused because the session's bound on those under way was reached"},
      {"mcp_router_overload_total",
       "Requests that an instance's bounds on connections and waiting requests turned away"},
      {"mcp_router_request_bytes_total", "Bytes of request bodies"},
      {"mcp_router_response_bytes_total", "Bytes of answers passed to clients"},
  }};
  return table[static_cast<std::size_t>(counter)];
}

}  // namespace mcpr::metrics
