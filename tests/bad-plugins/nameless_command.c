#include <string.h>

#include "manifest.h"

static int32_t run(mcpr_str config, const mcpr_str* args, uint32_t args_n,
                   void (*out)(void* ctx, int32_t stream, mcpr_str text), void* ctx) {
  (void)config, (void)args, (void)args_n, (void)out, (void)ctx;
  return 0;
}

static const mcpr_command kCommand = {sizeof kCommand, 0, "Two Words", "", run};

static const void* get_extension(const char* id) { return strcmp(id, MCPR_EXT_COMMAND) == 0 ? &kCommand : NULL; }

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("nameless-command", get_extension)};
