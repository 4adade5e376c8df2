// What holds for all that is read as services, whatever the input was.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/service-reader/service.hpp"

namespace mcpr::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline std::optional<std::string> environment(std::string_view name) {
  return name == "TOKEN" ? std::optional<std::string>("value") : std::nullopt;
}

inline bool clean(std::string_view text) {
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return false;
  }
  return true;
}

inline void check(const reader::Service& service) {
  require(!service.name.empty(), "services have a name");
  require(service.options.empty() || service.options.front() == '{', "options are an object");
  const bool addressed = !service.instances.empty() || !service.lookup.empty();
  require(service.unroutable.empty() || !addressed, "what is not routable has no address");
  for (const reader::Instance& instance : service.instances) {
    require(!instance.host.empty() && clean(instance.host), "hosts can be put into a header");
    require(instance.port != 0, "ports are not zero");
    require(instance.path.starts_with('/') && clean(instance.path), "paths can be put into a request line");
  }
}

inline void check(const reader::Reading& reading) {
  require(reading.errors.empty() || reading.services.empty(), "a file with errors gives no services");
  for (const reader::Issue& error : reading.errors) require(!error.str().empty(), "errors have a text");
  for (const reader::Found& found : reading.services) check(found.service);
}

}  // namespace mcpr::fuzz
