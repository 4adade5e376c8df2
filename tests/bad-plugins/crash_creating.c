/* Looks well until an instance of it is made. */
#include <string.h>

#include "manifest.h"

static int* volatile nowhere;

static const mcpr_discovery* create(const mcpr_host* host, const mcpr_discovery_sink* sink, mcpr_str config,
                                    mcpr_err* err) {
  (void)host, (void)sink, (void)config, (void)err;
  *nowhere = 1;
  return NULL;
}

static const mcpr_discovery_factory factory = {sizeof factory, 0, create};

static const void* get_extension(const char* id) { return strcmp(id, MCPR_EXT_DISCOVERY) ? NULL : &factory; }

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("crash-creating", get_extension)};
