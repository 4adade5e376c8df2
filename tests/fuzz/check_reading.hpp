// What holds for all that is read as services as people write them, whatever the text was.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugins/service-reader/service.hpp"
#include "tests/fuzz/check_service.hpp"

namespace mcpr::fuzz {

inline std::optional<std::string> environment(std::string_view name) {
  return name == "TOKEN" ? std::optional<std::string>("value") : std::nullopt;
}

inline void check(const reader::Reading& reading) {
  require(reading.errors.empty() || reading.services.empty(), "a file with errors gives no services");
  for (const reader::Issue& error : reading.errors) require(!error.str().empty(), "errors have a text");
  for (const reader::Found& found : reading.services) check(found.service);
}

}  // namespace mcpr::fuzz
