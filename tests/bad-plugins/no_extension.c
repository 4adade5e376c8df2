#include "manifest.h"

static const void* get_extension(const char* id) {
  (void)id;
  return NULL;
}

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("no-extension", get_extension)};
