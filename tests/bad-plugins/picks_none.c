/* A balancer that never finds anybody. */
#include <string.h>

#include "manifest.h"

static int state;

static void* build(void* self, const mcpr_lb_peer* peers, uint32_t n, uint32_t peer_size, const void* prev,
                   uint32_t offset, mcpr_err* err) {
  (void)self, (void)peers, (void)n, (void)peer_size, (void)prev, (void)offset, (void)err;
  return &state;
}
static void discard(void* self, void* table) { (void)self, (void)table; }
static uint32_t pick(void* table, const mcpr_lb_request* request) {
  (void)table, (void)request;
  return MCPR_NO_PEER;
}
static void destroy(void* self) { (void)self; }

static const mcpr_balancer balancer = {sizeof balancer, 0, &state, build, discard, pick, NULL, NULL, destroy};

static const mcpr_balancer* create(const mcpr_host* host, mcpr_str config, mcpr_err* err) {
  (void)host, (void)config, (void)err;
  return &balancer;
}

static const mcpr_balancer_factory factory = {sizeof factory, 0, create};

static const void* get_extension(const char* id) { return strcmp(id, MCPR_EXT_BALANCER) ? NULL : &factory; }

const mcpr_plugin mcpr_plugin_abi1 = {MANIFEST("picks-none", get_extension)};
