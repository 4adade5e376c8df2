// Everything that the router uses of its configuration, typed and checked. Made from a ConfigTree; plain data that any
// thread may read. Defaults stand in schema.cpp, not here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/config/origin.hpp"

namespace mcpr::config {

class ConfigTree;

using Millis = std::chrono::milliseconds;

// An entry of mcp.router.discovery-order.
struct DiscoveryEntry {
  std::string id;             // unique among the entries
  std::string plugin;         // id of the plugin; the entry's own where none is named
  bool optional = false;      // may be missing
  std::string config = "{}";  // the rest of the entry: a JSON object, laid over the plugin's subtree
  Origin origin;

  bool operator==(const DiscoveryEntry& other) const {
    return id == other.id && plugin == other.plugin && optional == other.optional && config == other.config;
  }
};

struct Settings {
  struct Cors {
    bool enabled = false;
    bool allow_credentials = false;
    Millis max_age{};
  };
  struct Limits {
    std::size_t body = 0;
    std::size_t head = 0;
    std::size_t connections = 0;
    std::size_t stream_buffer = 0;
  };
  struct ClientTimeouts {
    Millis head{};
    Millis body{};
    Millis idle{};
  };
  struct Server {
    std::uint16_t port = 0;  // 0: a free one
    std::string address;
    unsigned threads = 0;      // resolved: at least 1
    std::string context_path;  // "" or "/a/b"
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;
    std::vector<std::string> trusted_proxies;  // addresses and networks
    Cors cors;
    Limits limits;
    ClientTimeouts timeouts;
  } server;

  struct Admin {
    bool enabled = false;
    std::uint16_t port = 0;
    std::string address;
    std::string token;  // empty: none
  } admin;

  struct Plugins {
    std::string directory;          // resolved
    std::string runtime_directory;  // empty: the loader makes a private one
    bool strict = true;             // check-permissions
    bool automatic = true;
    enum class Probe : std::uint8_t { always, replacements, never } probe = Probe::replacements;
    Millis probe_timeout{};
    Millis takeover_timeout{};
    std::size_t max_retired = 0;
  } plugins;

  struct UpstreamTimeouts {
    Millis connect{};
    Millis response{};
    Millis idle{};
  };
  struct Pool {
    Millis idle{};
    unsigned max_per_instance = 0;
    std::size_t max_connections = 0;
    std::size_t max_waiting = 0;
  };
  struct AnswerLimits {
    std::size_t answer = 0;
    std::size_t initialize = 0;
  };
  struct Lookup {
    Millis timeout{};  // 0: none
    Millis ttl{};
    Millis negative_ttl{};
    std::size_t max_names = 0;
  };
  struct Register {
    bool enabled = false;
    std::string name;
    std::string address;     // resolved
    std::uint16_t port = 0;  // 0: the one that the router listens on
    std::map<std::string, std::string> metadata;
  };
  struct Router {
    bool enabled = false;
    std::vector<DiscoveryEntry> discovery_order;
    std::vector<std::string> service_names;
    std::string load_balancer;
    bool sse_absolute_endpoint = false;
    Millis sse_heartbeat{};  // 0: none
    UpstreamTimeouts timeouts;
    Pool pool;
    AnswerLimits limits;
    Lookup lookup;
    Register registration;
  } router;

  enum class Store : std::uint8_t { memory, redis };
  struct Session {
    Store store = Store::memory;
    Millis ttl{};
    std::string instance_id;  // resolved
    std::size_t max = 0;
    std::size_t max_streams = 0;
    std::size_t max_requests = 0;
    std::string redis_prefix;
  } session;

  struct Redis {
    std::string host;
    std::uint16_t port = 0;
    std::string username;
    std::string password;
    unsigned database = 0;
    Millis timeout{};
    Millis connect_timeout{};
    bool tls = false;
    std::string ca_file;  // empty: the system's
  } redis;

  struct Drain {
    Millis announce{};
    Millis timeout{};
  } drain;

  struct Logging {
    std::map<std::string, std::string> levels;  // by component; "root" is always there
    std::string file;                           // empty: the error output
    std::uint64_t file_max_size = 0;            // 0: never set aside
    unsigned file_max_history = 0;
    bool json = false;

    bool operator==(const Logging&) const = default;
  } logging;

  std::string application_name;

  // Every key with its value as text, for comparing and showing: secrets are here, never print `text` of those.
  struct Value {
    std::string key;
    std::string text;
    Origin origin;
  };
  std::vector<Value> values;  // in the order of the schema
};

// What the configuration cannot know.
struct Surroundings {
  std::string generated_instance_id;  // made once a process, so that a reload keeps it
  unsigned cores = 1;
  std::string plugin_directory;  // used where plugins.directory is not set
};

// Ill-typed and impossible values become problems, each at its place; the default stands in for them.
Settings make_settings(const ConfigTree& tree, const Surroundings& surroundings, Problems& problems);

struct Changes {
  std::vector<std::string> live;     // keys that changed and take effect
  std::vector<std::string> restart;  // keys that changed and do not until a restart
};
Changes diff(const Settings& before, const Settings& after);

}  // namespace mcpr::config
