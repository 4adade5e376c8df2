// The configuration as --print-config shows it.
#pragma once

#include <string>

#include "host/config/settings.hpp"

namespace mcpr::config {

// "key = value  # where from", one line a key, in the order of the schema; secrets are masked.
std::string show(const Settings& settings);

}  // namespace mcpr::config
