#include "manifest.h"

static const void* get_extension(const char* id) {
  (void)id;
  return NULL;
}

const mcpr_plugin mcpr_plugin_abi1 = {.struct_size = 24, .id = "short", .version = "1", .get_extension = get_extension};
