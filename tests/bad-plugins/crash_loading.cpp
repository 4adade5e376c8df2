// Writes to nowhere before anything of it was asked for.
#include "mcpr/plugin.h"

namespace {

int* volatile nowhere = nullptr;
const int crash = [] {
  *nowhere = 1;
  return 1;
}();

const void* get_extension(const char*) { return nullptr; }

constexpr mcpr_plugin manifest() {
  mcpr_plugin out{};
  out.struct_size = sizeof out;
  out.id = "crash-loading";
  out.version = "1";
  out.get_extension = &get_extension;
  return out;
}

}  // namespace

constinit const mcpr_plugin mcpr_plugin_abi1 = manifest();
