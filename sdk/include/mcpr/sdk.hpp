// Everything for an author of a plugin in C++, and the macro that exports it:
//
//   class Mine : public mcpr::sdk::Discovery { ... };
//   MCPR_PLUGIN(Mine, .id = "mine", .version = "1.0.0", .description = "Finds services in ...")
#pragma once

#include <concepts>
#include <string_view>

#include "mcpr/balancer.hpp"
#include "mcpr/command.hpp"
#include "mcpr/discovery.hpp"
#include "mcpr/plugin.h"

namespace mcpr::sdk {

// What MCPR_PLUGIN takes, by name and in this order. The lists are static arrays that end with nullptr.
struct Manifest {
  const char* id = nullptr;
  const char* version = nullptr;
  const char* const* aliases = nullptr;
  const char* const* config_prefixes = nullptr;
  const char* config_schema = nullptr;
  const char* vendor = nullptr;
  const char* description = nullptr;
  const char* license = nullptr;
  std::uint32_t flags = 0;  // MCPR_PLUGIN_UNLOADABLE
};

namespace detail {

template <class P>
const void* get_extension(const char* id) noexcept {
  if constexpr (std::derived_from<P, Discovery>) {
    if (std::string_view(id) == MCPR_EXT_DISCOVERY) return &discovery_factory<P>;
  } else {
    static_assert(std::derived_from<P, Balancer>, "a plugin is a mcpr::sdk::Discovery or a mcpr::sdk::Balancer");
    if (std::string_view(id) == MCPR_EXT_BALANCER) return &balancer_factory<P>;
  }
  if constexpr (requires { P::kCommand; }) {
    if (std::string_view(id) == MCPR_EXT_COMMAND) return &command_table<P>;
  }
  return nullptr;
}

template <class P>
constexpr mcpr_plugin plugin(const Manifest& m) {
  return {sizeof(mcpr_plugin), MCPR_ABI_MINOR,    m.flags,         0,        m.id,          m.version,
          m.aliases,           m.config_prefixes, m.config_schema, m.vendor, m.description, m.license,
          &get_extension<P>};
}

}  // namespace detail
}  // namespace mcpr::sdk

// Once a plugin, in the global namespace.
#define MCPR_PLUGIN(Class, ...) \
  constinit const mcpr_plugin mcpr_plugin_abi1 = mcpr::sdk::detail::plugin<Class>(mcpr::sdk::Manifest{__VA_ARGS__});
