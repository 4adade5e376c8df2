// What holds for every service that a reader makes, whatever the text was.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <mcpr/service.hpp>
#include <string_view>

namespace mcpr::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline bool clean(std::string_view text) {
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return false;
  }
  return true;
}

inline void check(const sdk::Service& service) {
  require(!service.name.empty(), "services have a name");
  require(service.options.empty() || service.options.front() == '{', "options are an object");
  const bool addressed = !service.instances.empty() || !service.lookup.empty();
  require(service.unroutable.empty() || !addressed, "what is not routable has no address");
  for (const sdk::Instance& instance : service.instances) {
    require(!instance.host.empty() && clean(instance.host), "hosts can be put into a header");
    require(instance.port != 0, "ports are not zero");
    require(instance.path.starts_with('/') && clean(instance.path), "paths can be put into a request line");
  }
}

}  // namespace mcpr::fuzz
