// What the file source takes from the reader of services that it shares with other sources.
#pragma once

#include "node.hpp"
#include "service.hpp"

namespace mcpr::file {

using namespace reader;

}  // namespace mcpr::file
