// What holds for every reading of the file source, whatever the text was.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plugins/discovery-file/names.hpp"
#include "tests/fuzz/check_service.hpp"

namespace mcpr::fuzz {

inline std::optional<std::string> environment(std::string_view name) {
  return name == "TOKEN" ? std::optional<std::string>("value") : std::nullopt;
}

inline void check(const file::Reading& reading) {
  require(reading.errors.empty() || reading.services.empty(), "a file with errors gives no services");
  for (const file::Issue& error : reading.errors) require(!error.str().empty(), "errors have a text");
  for (const file::Found& found : reading.services) check(found.service);
}

}  // namespace mcpr::fuzz
