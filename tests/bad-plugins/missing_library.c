#include "manifest.h"

extern const void* mcpr_gone(const char* id); /* of libmcpr_gone.so, which the dynamic linker does not find */

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("missing-library", mcpr_gone)};
