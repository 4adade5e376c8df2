#include "host/mcp/version.hpp"

#include <algorithm>
#include <array>

namespace mcpr::mcp {
namespace {

constexpr std::array<std::string_view, 5> kSupported{kStateless, kLatestHandshake, "2025-06-18", "2025-03-26",
                                                     "2024-11-05"};

}  // namespace

std::span<const std::string_view> supported() { return kSupported; }
bool known(std::string_view version) { return std::ranges::find(kSupported, version) != kSupported.end(); }
bool stateless(std::string_view version) { return version == kStateless; }
bool handshake(std::string_view version) { return known(version) && !stateless(version); }
bool batches(std::string_view version) { return version == "2024-11-05" || version == "2025-03-26"; }

}  // namespace mcpr::mcp
