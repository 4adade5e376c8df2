#include <string.h>

#include "manifest.h"

static uint32_t pick(void* table, const mcpr_lb_request* request) {
  (void)table, (void)request;
  return 0;
}

static const mcpr_balancer kBalancer = {.struct_size = sizeof kBalancer, .pick = pick};

static const mcpr_balancer* create(const mcpr_host* host, mcpr_str config, mcpr_err* err) {
  (void)host, (void)config, (void)err;
  return &kBalancer;
}

static const mcpr_balancer_factory kFactory = {sizeof kFactory, 0, create};

static const void* get_extension(const char* id) { return strcmp(id, MCPR_EXT_BALANCER) == 0 ? &kFactory : NULL; }

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("incomplete-table", get_extension)};
