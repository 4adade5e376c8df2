// Rows of the seed's table as `mysql -BN` prints them. Pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "rows.hpp"

namespace mcpr::sqlite {

// One row a line, its columns name, description, protocol, version, endpoint, enabled and tags divided by tabs. Throws
// UsageError with the line that is wrong.
std::vector<ServiceRow> read_exported(std::string_view text);

}  // namespace mcpr::sqlite
