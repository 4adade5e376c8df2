// Never gets to the end of its constructors.
#include "mcpr/plugin.h"

namespace {

volatile bool forever = true;
const int hang = [] {
  while (forever) {
  }
  return 1;
}();

const void* get_extension(const char*) { return nullptr; }

constexpr mcpr_plugin manifest() {
  mcpr_plugin out{};
  out.struct_size = sizeof out;
  out.id = "hang-loading";
  out.version = "1";
  out.get_extension = &get_extension;
  return out;
}

}  // namespace

constinit const mcpr_plugin mcpr_plugin_abi1 = manifest();
