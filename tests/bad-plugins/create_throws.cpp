#include <cstring>
#include <stdexcept>

#include "mcpr/plugin.h"

namespace {

const mcpr_balancer* create(const mcpr_host*, mcpr_str, mcpr_err*) { throw std::runtime_error("no dice"); }

constexpr mcpr_balancer_factory kFactory{sizeof kFactory, 0, &create};

const void* get_extension(const char* id) { return std::strcmp(id, MCPR_EXT_BALANCER) == 0 ? &kFactory : nullptr; }

constexpr mcpr_plugin manifest() {
  mcpr_plugin out{};
  out.struct_size = sizeof out;
  out.id = "create-throws";
  out.version = "1";
  out.get_extension = &get_extension;
  return out;
}

}  // namespace

constinit const mcpr_plugin mcpr_plugin_abi1 = manifest();
