/* The contract between mcp-router and its plugins, ABI major 1.
 *
 * A plugin is a shared object that exports one data symbol, mcpr_plugin_abi1. Everything that crosses is plain data or
 * a handle. Rules that hold wherever nothing else is said:
 *  - Whatever a pointer or mcpr_str leads to is borrowed for the duration of the call: the callee copies what it keeps.
 *    Tables (mcpr_host, mcpr_discovery, ...) live as long as the instance that they belong to.
 *  - No exception and no longjmp crosses. What can fail returns mcpr_status or NULL and writes a text to err.
 *  - Tables begin with struct_size, as the writer was compiled. A reader treats members beyond it as zero. Arrays of
 *    structs are stepped by the size that stands beside them.
 *  - Zeroed memory is valid for every input struct, once struct_size and item sizes are set.
 * Threads, as the comments of the functions name them:
 *  [control] the host's control thread, never two calls at once for one instance. Must return soon: over a second is
 *            logged with the plugin's name. Slow work belongs to run_blocking or to threads of the plugin's own.
 *  [any]     any thread, also several at once.
 *  [hot]     a data thread, in the middle of a request. No lock, no allocation, no system call.
 */
#ifndef MCPR_PLUGIN_H
#define MCPR_PLUGIN_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MCPR_ABI_MINOR 0u /* grows when members are added at the end of tables */
#define MCPR_EXT_DISCOVERY "mcpr.discovery/1"
#define MCPR_EXT_BALANCER "mcpr.balancer/1"
#define MCPR_EXT_COMMAND "mcpr.command/1"

/* ---- values ---- */
typedef struct mcpr_str { /* UTF-8, not NUL-terminated; data may be NULL when size is 0 */
  const char* data;
  size_t size;
} mcpr_str;

typedef struct mcpr_kv {
  mcpr_str key, value;
} mcpr_kv;

typedef struct mcpr_err { /* the caller's buffer for an error text: at most cap bytes, size is what was written */
  char* buf;
  size_t cap, size;
} mcpr_err;

typedef int32_t mcpr_status;
/* clang-format off */
enum { /* E_CONFIG: the configuration is wrong. E_UNAVAILABLE: cannot be reached, full, or stopping. */
       MCPR_OK = 0, MCPR_E_INVALID = -1, MCPR_E_CONFIG = -2, MCPR_E_NOT_FOUND = -3, MCPR_E_UNAVAILABLE = -4,
       MCPR_E_TIMEOUT = -5, MCPR_E_CANCELLED = -6, MCPR_E_UNSUPPORTED = -7, MCPR_E_INTERNAL = -8 };
/* clang-format on */

/* One pending answer. Who gets it completes it exactly once, on any thread, also before that call returns. */
typedef struct mcpr_op mcpr_op;

/* ---- what the host does for a plugin ---- */

enum { MCPR_LOG_TRACE = 0, MCPR_LOG_DEBUG = 1, MCPR_LOG_INFO = 2, MCPR_LOG_WARN = 3, MCPR_LOG_ERROR = 4 };
enum { MCPR_FD_READ = 1, MCPR_FD_WRITE = 2, MCPR_METRIC_COUNTER = 0, MCPR_METRIC_GAUGE = 1 };

typedef void (*mcpr_task_fn)(void* arg);
typedef void (*mcpr_fd_fn)(void* arg, int fd, uint32_t events);

typedef struct mcpr_http_request {
  uint32_t struct_size;
  uint32_t timeout_ms; /* for the whole exchange; 0: the host's default */
  mcpr_str method;
  mcpr_str url, body; /* http:// or https:// */
  mcpr_str ca_file;   /* PEM; empty: the system's authorities */
  const mcpr_kv* headers;
  uint32_t headers_n, reserved;
} mcpr_http_request;

typedef struct mcpr_http_response {
  uint32_t struct_size;
  mcpr_status result;       /* MCPR_OK: an answer came, whatever its code; else error says why there is none */
  uint32_t code, headers_n; /* HTTP status */
  const mcpr_kv* headers;   /* names in lower case */
  mcpr_str body, error;
} mcpr_http_response;

typedef void (*mcpr_http_fn)(void* arg, const mcpr_http_response* response);

/* Handles are never 0; 0 is returned when the thing asked for cannot be had. */
typedef struct mcpr_host {
  uint32_t struct_size, abi_minor; /* abi_minor: the host's MCPR_ABI_MINOR */
  void* ctx;                       /* first argument of every function here */
  const char* version;             /* of the host */
  const char* source_name;         /* how the configuration calls this instance of the plugin */
  /* [any] One line, without newline. */
  void (*log)(void* ctx, int32_t level, mcpr_str text);
  /* [any] Runs fn(arg) once, as [control], in the order of posting, before destroy. Not MCPR_OK: it will not run. */
  mcpr_status (*post)(void* ctx, mcpr_task_fn fn, void* arg);
  /* [any] Runs fn(arg) once on a pool of few threads that may block, before destroy. E_UNAVAILABLE: full, stopping. */
  mcpr_status (*run_blocking)(void* ctx, mcpr_task_fn fn, void* arg);
  /* [control] Runs fn(arg) as [control] after first_ms, then every period_ms if that is not 0. Cancelling one that has
     fired for the last time does nothing. Timers, watches and requests end when stop was completed. */
  uint64_t (*timer)(void* ctx, uint64_t first_ms, uint64_t period_ms, mcpr_task_fn fn, void* arg);
  void (*timer_cancel)(void* ctx, uint64_t handle); /* [control] fn does not run after it; allowed inside fn */
  /* [control] Runs fn as [control] whenever fd is ready; level-triggered. The fd stays the plugin's, and stays open
     until fd_cancel. */
  uint64_t (*fd_watch)(void* ctx, int fd, uint32_t events, mcpr_fd_fn fn, void* arg);
  void (*fd_cancel)(void* ctx, uint64_t handle); /* [control] fn does not run after it; allowed inside fn */
  /* [control] Sends a request with the host's pooled client. fn runs once as [control], never inside this call. 0: the
     host has no client (E_UNSUPPORTED), err says so. */
  uint64_t (*http)(void* ctx, const mcpr_http_request* request, mcpr_http_fn fn, void* arg, mcpr_err* err);
  void (*http_cancel)(void* ctx, uint64_t handle); /* [control] fn does not run after it */
  /* [any] COUNTER: adds value; GAUGE: sets it. name: [a-z0-9_]+, the host prefixes it and labels it with the source. */
  void (*metric)(void* ctx, int32_t kind, mcpr_str name, mcpr_str help, double value);
  /* [any] A table of further functions, or NULL when this host does not have it. Lives as long as the host. */
  const void* (*get_extension)(void* ctx, const char* id);
} mcpr_host;

/* ---- discovery: "mcpr.discovery/1" ---- */

/* mcpr_instance.transport; UNROUTABLE: known to the source, but nothing that the router can speak. */
/* clang-format off */
enum { MCPR_TRANSPORT_STREAMABLE_HTTP = 0, MCPR_TRANSPORT_SSE = 1, MCPR_TRANSPORT_STDIO = 2,
       MCPR_TRANSPORT_UNROUTABLE = 3 };
/* clang-format on */
enum { MCPR_ERA_HANDSHAKE = 1, MCPR_ERA_STATELESS = 2 };                              /* mcpr_instance.eras */
enum { MCPR_INSTANCE_HEALTHY = 1, MCPR_INSTANCE_ENABLED = 2, MCPR_INSTANCE_TLS = 4 }; /* mcpr_instance.flags */
enum { MCPR_TOOL_ENABLED = 1, MCPR_SERVICE_ENABLED = 1 }; /* mcpr_tool.flags, mcpr_service.flags */

typedef struct mcpr_instance {
  mcpr_str id;   /* unique within the service; empty: made from host, port and path */
  mcpr_str host; /* name or address, no brackets around IPv6 */
  mcpr_str path; /* as requested, with query; empty: /mcp */
  mcpr_str zone;
  const mcpr_kv* metadata;
  uint32_t metadata_n;
  uint32_t weight_milli; /* 1000 is a weight of 1; 0 takes no new sessions */
  uint32_t flags;
  uint32_t eras; /* bits; 0: not known */
  uint32_t transport;
  uint16_t port, reserved;
} mcpr_instance;

typedef struct mcpr_tool { /* a tool that the source knows of, without its schema */
  mcpr_str name, description;
  uint32_t flags, reserved;
} mcpr_tool;

typedef struct mcpr_service {
  uint32_t struct_size;
  uint32_t flags;
  uint64_t revision; /* grows with every change of this service, for the log; 0: the source has none */
  mcpr_str name, description, version;
  mcpr_str protocol;   /* as the source spells it */
  mcpr_str lookup;     /* `name@GROUP`: the instances come from a source that can look this up; else empty */
  mcpr_str unroutable; /* why no call can reach it; empty: it can be called */
  mcpr_str options;    /* JSON object of settings (headers, timeouts, ...: docs/plugin-abi.md); empty: none */
  const mcpr_str* tags;
  const mcpr_tool* tools;
  const mcpr_kv* metadata;
  const mcpr_instance* instances;
  uint32_t tags_n, tools_n, metadata_n, instances_n;
  uint32_t tool_size, instance_size; /* sizeof(mcpr_tool), sizeof(mcpr_instance), as the plugin was compiled */
} mcpr_service;

enum { MCPR_HEALTH_STARTING = 0, MCPR_HEALTH_UP = 1, MCPR_HEALTH_DEGRADED = 2, MCPR_HEALTH_DOWN = 3 };

/* Where a discovery instance puts what it finds. The host copies, and ignores what comes after stop was completed. */
typedef struct mcpr_discovery_sink {
  uint32_t struct_size, reserved;
  void* ctx; /* first argument of every function here */
  /* [any] Replaces this source's service of that name wholly. E_INVALID: no name, options that are no object, ...; the
     reason is logged, and what was published before stays. */
  mcpr_status (*publish)(void* ctx, const mcpr_service* service);
  void (*withdraw)(void* ctx, mcpr_str name); /* [any] the source no longer has it */
  void (*synced)(void* ctx);                  /* [any] the first full load is published; again: no effect */
  void (*health)(void* ctx, int32_t state, mcpr_str text); /* [any] when it changes; text: what is wrong */
  /* [any] Completes an op. service: what a lookup found, else NULL. error: when status is not MCPR_OK. */
  void (*complete)(void* ctx, mcpr_op* op, mcpr_status status, const mcpr_service* service, mcpr_str error);
} mcpr_discovery_sink;

/* One running source. Made by create, started once, stopped once, destroyed; or, where the host only tries whether it
   can be made, destroyed right after create. */
typedef struct mcpr_discovery {
  uint32_t struct_size, reserved;
  void* self; /* first argument of every function here */
  /* [control] Begins to find services. Not MCPR_OK: it is destroyed without stop. A registry that cannot be reached is
     no error here: report health, and try again. */
  mcpr_status (*start)(void* self, mcpr_err* err);
  /* [control] Finds one service by name (`weather`, `weather@GROUP`). NULL: cannot. Not there: E_NOT_FOUND. */
  void (*lookup)(void* self, mcpr_str name, mcpr_op* op);
  /* [control] Registers (up: 1) or removes (0) a service's instances at the registry. NULL: read-only source. */
  void (*announce)(void* self, const mcpr_service* service, int32_t up, mcpr_op* op);
  /* [control] Ends everything: threads joined, pending ops completed, then op. Not NULL. */
  void (*stop)(void* self, mcpr_op* op);
  void (*destroy)(void* self); /* [control] after stop was completed, or start has failed or was not called. Frees this
                                  table too. */
} mcpr_discovery;

typedef struct mcpr_discovery_factory {
  uint32_t struct_size, reserved;
  /* [control] config_json: the merged, validated subtree, an object. host and sink live until destroy returned. NULL:
     err says why. Opens nothing yet. */
  const mcpr_discovery* (*create)(const mcpr_host* host, const mcpr_discovery_sink* sink, mcpr_str config_json,
                                  mcpr_err* err);
} mcpr_discovery_factory;

/* ---- balancer: "mcpr.balancer/1" ---- */

#define MCPR_NO_PEER UINT32_MAX

/* Measured by the host for one instance over all threads, every 50 ms or so. Read it with relaxed atomic loads. */
typedef struct mcpr_lb_stat {
  uint32_t inflight, ewma_us, err_permille, flags;
  uint64_t picks;
  uint8_t reserved[40];
} mcpr_lb_stat;

typedef struct mcpr_lb_peer {
  uint64_t id_hash; /* the same instance has the same hash in every table and every router */
  mcpr_str zone;
  const mcpr_lb_stat* stat; /* the host's; lives as long as the table. May be NULL. */
  uint32_t weight_milli, reserved;
} mcpr_lb_peer;

typedef struct mcpr_lb_request {
  uint32_t struct_size;
  uint32_t attempt;      /* 0 for the first */
  uint64_t key_hash;     /* of the session or of what the request names; 0: none */
  uint64_t rnd;          /* fresh random bits */
  const uint64_t* tried; /* bit i of word i/64: do not pick peer i. NULL: none. As many words as the peers need. */
} mcpr_lb_request;

enum { MCPR_OUTCOME_OK = 0, MCPR_OUTCOME_ERROR = 1, MCPR_OUTCOME_CANCELLED = 2 };

/* One configured balancer. A table belongs to one service and one data thread, and no two calls on it overlap. */
typedef struct mcpr_balancer {
  uint32_t struct_size, reserved;
  void* self;
  /* [any] Makes a table of the peers; indices are positions in this array. prev: the table that this one replaces, to
     copy state from, or NULL; nobody uses it during the call, and calls that it started may still end on it. offset:
     differs from thread to thread, so that their tables do not all begin with the same peer. NULL: err says why. */
  void* (*build)(void* self, const mcpr_lb_peer* peers, uint32_t peers_n, uint32_t peer_size, const void* prev,
                 uint32_t offset, mcpr_err* err);
  void (*discard)(void* self, void* table);                      /* [any] frees it; nothing uses it any more */
  uint32_t (*pick)(void* table, const mcpr_lb_request* request); /* [hot] an index not in tried, or MCPR_NO_PEER */
  void (*on_start)(void* table, uint32_t peer);                  /* [hot] a call begins. NULL: not called */
  void (*on_end)(void* table, uint32_t peer, uint32_t latency_us, int32_t outcome); /* [hot] NULL: not called */
  void (*destroy)(void* self); /* [control] after the last table was discarded. Frees this balancer too. */
} mcpr_balancer;

typedef struct mcpr_balancer_factory {
  uint32_t struct_size, reserved;
  /* [control] As mcpr_discovery_factory.create. */
  const mcpr_balancer* (*create)(const mcpr_host* host, mcpr_str config_json, mcpr_err* err);
} mcpr_balancer_factory;

/* ---- a command of the program: "mcpr.command/1" ---- */

/* `mcp-router NAME ARGUMENTS`, in a process that serves nothing. */
typedef struct mcpr_command {
  uint32_t struct_size, reserved;
  const char *name, *usage; /* [a-z0-9-]+; lines for the help */
  /* [any] Returns the exit code. config_json: as for create. out: stream 1 is standard output, 2 standard error. */
  int32_t (*run)(mcpr_str config_json, const mcpr_str* args, uint32_t args_n,
                 void (*out)(void* ctx, int32_t stream, mcpr_str text), void* ctx);
} mcpr_command;

/* ---- the manifest ---- */

enum { MCPR_PLUGIN_UNLOADABLE = 1 }; /* after destroy nothing of it runs or is referred to: the host may unmap it */

/* Constant data: read before anything of the plugin is called. Texts may be NULL where not said otherwise. */
typedef struct mcpr_plugin {
  uint32_t struct_size, abi_minor; /* sizeof(mcpr_plugin), MCPR_ABI_MINOR, as compiled */
  uint32_t flags, reserved;
  const char* id;                             /* [a-z0-9-]+, not NULL */
  const char* version;                        /* not NULL */
  const char* const* aliases;                 /* other ids under which it may be configured; ends with NULL */
  const char* const* config_prefixes;         /* subtrees of the configuration that it takes, dotted; ends with NULL */
  const char* config_schema;                  /* JSON Schema of the configuration object */
  const char *vendor, *description, *license; /* license: SPDX */
  const void* (*get_extension)(const char* id); /* [any] a factory by extension id, or NULL. Not NULL itself. */
} mcpr_plugin;

/* The one symbol that a plugin exports. Another ABI major has another name. */
__attribute__((visibility("default"))) extern const mcpr_plugin mcpr_plugin_abi1;

#define MCPR_SIZE_(type, size) static_assert(sizeof(void*) != 8 || sizeof(type) == (size), #type " has changed")
/* clang-format off */
MCPR_SIZE_(mcpr_str, 16); MCPR_SIZE_(mcpr_kv, 32); MCPR_SIZE_(mcpr_err, 24); MCPR_SIZE_(mcpr_http_request, 88);
MCPR_SIZE_(mcpr_http_response, 56); MCPR_SIZE_(mcpr_host, 120); MCPR_SIZE_(mcpr_instance, 96);
MCPR_SIZE_(mcpr_tool, 40); MCPR_SIZE_(mcpr_service, 184); MCPR_SIZE_(mcpr_discovery_sink, 56);
MCPR_SIZE_(mcpr_discovery, 56); MCPR_SIZE_(mcpr_discovery_factory, 16); MCPR_SIZE_(mcpr_lb_stat, 64);
MCPR_SIZE_(mcpr_lb_peer, 40); MCPR_SIZE_(mcpr_lb_request, 32); MCPR_SIZE_(mcpr_balancer, 64);
MCPR_SIZE_(mcpr_balancer_factory, 16); MCPR_SIZE_(mcpr_command, 32); MCPR_SIZE_(mcpr_plugin, 88);
/* clang-format on */
#undef MCPR_SIZE_

#ifdef __cplusplus
}
#endif

#endif
