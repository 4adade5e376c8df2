// Which service names can stand in the router's paths (`/mcp/{service}`), and which two of them would be taken for one.
#pragma once

#include <string>
#include <string_view>

namespace mcpr::catalog {

// Why a service of this name cannot be in the catalog; empty where it can. Legal: 1 to 200 bytes of UTF-8 without
// control characters, which even after percent-decoding have no part (between slashes) that is empty, `.`, `..` or the
// name of a route of the router's own.
std::string refuse_name(std::string_view name);

// What names are compared by: percent-decoded until nothing changes, bytes compared exactly. Of two services with
// different names and an equal key only one can be told apart behind a proxy that decodes paths.
std::string name_key(std::string_view name);

}  // namespace mcpr::catalog
