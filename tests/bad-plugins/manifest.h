/* A manifest without fault, for a plugin whose fault is elsewhere. */
#ifndef MCPR_TESTS_MANIFEST_H
#define MCPR_TESTS_MANIFEST_H

#include "mcpr/plugin.h"

#define MANIFEST(name, extension)                                                              \
  .struct_size = sizeof(mcpr_plugin), .abi_minor = MCPR_ABI_MINOR, .id = name, .version = "1", \
  .get_extension = extension

#endif
