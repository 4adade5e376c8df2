#include <string.h>

#include "manifest.h"

static const mcpr_discovery* create(const mcpr_host* host, const mcpr_discovery_sink* sink, mcpr_str config,
                                    mcpr_err* err) {
  static const char kText[] = "registry.url is missing";
  (void)host, (void)sink, (void)config;
  err->size = sizeof kText - 1 < err->cap ? sizeof kText - 1 : err->cap;
  memcpy(err->buf, kText, err->size);
  return NULL;
}

static const mcpr_discovery_factory kFactory = {sizeof kFactory, 0, create};

static const void* get_extension(const char* id) { return strcmp(id, MCPR_EXT_DISCOVERY) == 0 ? &kFactory : NULL; }

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("create-fails", get_extension)};
