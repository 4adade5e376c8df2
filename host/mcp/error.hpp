// The JSON-RPC error answers that the router itself gives, as bytes.
#pragma once

#include <string>
#include <string_view>

namespace mcpr::mcp {

// JSON-RPC 2.0, section 5.1.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
// Not in any revision of MCP, but what the servers of the handshake revisions answer with 400 and 404.
inline constexpr int kBadRequest = -32000;
inline constexpr int kSessionNotFound = -32001;
// MCP 2026-07-28, which keeps -32020 to -32099 to itself.
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedVersion = -32022;

// Appends `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD, so the result is always
// JSON.
void append_json_string(std::string& out, std::string_view text);

// `id_raw` and `data_json` are JSON texts and are copied as they are; no id gives null.
std::string error_body(std::string_view id_raw, int code, std::string_view message, std::string_view data_json = {});

std::string unsupported_version_body(std::string_view id_raw, std::string_view requested);

// The service did not answer. `retry_safe`: the request cannot have had an effect, so it may be sent again.
std::string upstream_failure_body(std::string_view id_raw, std::string_view service, std::string_view instance,
                                  std::string_view reason_code, std::string_view text, bool retry_safe);

}  // namespace mcpr::mcp
