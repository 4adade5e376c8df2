// The revisions of MCP. They are names: a router that compared them as dates would believe it knows tomorrow's.
#pragma once

#include <span>
#include <string_view>

namespace mcpr::mcp {

inline constexpr std::string_view kLatestHandshake = "2025-11-25";
inline constexpr std::string_view kStateless = "2026-07-28";
inline constexpr std::string_view kAssumedWithoutHeader =
    "2025-03-26";  // 2025-06-18 and later: for requests without one

bool known(std::string_view version);
bool stateless(std::string_view version);  // no initialize, no session
bool handshake(std::string_view version);  // begins with initialize
bool batches(std::string_view version);    // a POST may hold several messages

std::span<const std::string_view> supported();  // newest first

}  // namespace mcpr::mcp
