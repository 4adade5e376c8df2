#include "host/config/schema.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "host/config/key.hpp"

namespace mcpr::config {

namespace {

constexpr auto kLive = Apply::live;
constexpr auto kRestart = Apply::restart;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kDay = 24 * 3'600 * kSecond;

// clang-format off
constexpr Key kKeys[] = {
    // Client side
    {"server.port", Type::integer, "8052", kRestart, "Port that clients connect to; 0 takes a free one", 0, 65535},
    {"server.address", Type::string, "127.0.0.1", kRestart, "Address that clients connect to; 0.0.0.0 or :: for all"},
    {"server.threads", Type::integer, "0", kRestart, "Data threads; 0: one for each core", 0, 1024},
    {"server.servlet.context-path", Type::string, "", kLive, "Path before all others, such as /mcp-bridge"},
    {"server.allowed-hosts", Type::list, "localhost, 127.0.0.1, [::1]", kLive, "Host headers that are answered, with or without a port; '*' for all"},
    {"server.allowed-origins", Type::list, "http://localhost, http://127.0.0.1, http://[::1], https://localhost, https://127.0.0.1, https://[::1]", kLive, "Origin headers that are answered; one without a port stands for all ports; '*' for all"},
    {"server.trusted-proxies", Type::list, "127.0.0.1, ::1", kLive, "Addresses or networks (10.0.0.0/8) whose X-Forwarded headers are believed"},
    {"server.cors.enabled", Type::boolean, "true", kLive, "Answer browsers of allowed origins with CORS headers"},
    {"server.cors.allow-credentials", Type::boolean, "false", kLive, "Let browsers send cookies; not together with the origin '*'"},
    {"server.cors.max-age", Type::duration, "10m", kLive, "How long a browser may keep the answer to a preflight", 0, kDay},
    {"server.limits.body", Type::size, "4MiB", kLive, "Largest body of a request; larger ones are answered 413", 1, std::int64_t{1} << 30},
    {"server.limits.head", Type::size, "32KiB", kLive, "Largest head of a request; larger ones are answered 431", 1024, 1 << 20},
    {"server.limits.connections", Type::integer, "20000", kLive, "Open client connections of the whole router; further ones are closed at once", 1, 10'000'000},
    {"server.limits.stream-buffer", Type::size, "1MiB", kLive, "Bytes that may wait for a client that reads slowly, before its stream is closed", 4096, std::int64_t{1} << 30},
    {"server.timeouts.head", Type::duration, "10s", kLive, "Time for the head of a request to arrive", 100, kDay},
    {"server.timeouts.body", Type::duration, "30s", kLive, "Time for the body of a request to arrive", 100, kDay},
    {"server.timeouts.idle", Type::duration, "75s", kLive, "How long a connection without a request stays open", 100, kDay},

    // Admin
    {"admin.enabled", Type::boolean, "true", kRestart, "Open the admin listener"},
    {"admin.port", Type::integer, "", kRestart, "Port of the admin listener; default server.port + 1000; 0 takes a free one", 0, 65535},
    {"admin.address", Type::string, "127.0.0.1", kRestart, "Address of the admin listener"},
    {"admin.token", Type::string, "", kLive, "Token that admin requests must carry (Authorization: Bearer); empty: none, and requests with forwarding headers are refused", 0, kMost, {}, true},

    // Plugins
    {"plugins.directory", Type::string, "", kRestart, "Folder of the plugins; default: lib/mcp-router/plugins beside the program's bin"},
    {"plugins.runtime-directory", Type::string, "", kRestart, "Folder for the private copies that are loaded; default: one of the router's own, removed at exit"},
    {"plugins.check-permissions", Type::string, "strict", kLive, "What to do with a plugin that others could have written: refuse it or warn", 0, kMost, "strict|warn"},
    {"plugins.probe", Type::string, "replacements", kLive, "Try plugins out in a process of their own before they are loaded: those that come while the router runs, always (which costs the start some time), or never", 0, kMost, "always|replacements|never"},
    {"plugins.probe-timeout", Type::duration, "5s", kLive, "Time for a plugin to pass its probe", 100, kDay},
    {"plugins.takeover-timeout", Type::duration, "30s", kLive, "Time for a source's new version or new settings to publish, before they are given up and what runs stays", 100, kDay},
    {"plugins.max-retired", Type::integer, "16", kLive, "Replaced versions that may stay in the process, as they cannot be unmapped; a further replacement is refused", 0, 10'000},
    {"plugins.auto", Type::boolean, "true", kLive, "Use discovery plugins that are installed and not listed in discovery-order, after the listed ones"},

    // Routing
    {"mcp.router.enabled", Type::boolean, "true", kLive, "false: health only, MCP paths are answered 503"},
    {"mcp.router.discovery-order", Type::any, "file", kLive, "Sources of services, the first that knows a service wins: names, or {id, plugin, optional, settings of that entry}"},
    {"mcp.router.service-names", Type::list, "", kLive, "Only these services are taken from the sources; empty: all"},
    {"mcp.router.services", Type::any, "", kLive, "Services of the file source: a list of {name, url or instances, description, protocol, version, endpoint, tags, enabled, headers, timeouts}"},
    {"mcp.router.file.files", Type::any, "", kLive, "YAML files with further services"},
    {"mcp.router.file.folders", Type::any, "", kLive, "Folders of YAML files with further services"},
    {"mcp.router.file.mcp-servers", Type::any, "", kLive, "JSON files with mcpServers"},
    {"mcp.router.load-balancer", Type::string, "round-robin", kLive, "Balancer plugin of services that name none"},
    {"mcp.router.register.enabled", Type::boolean, "false", kLive, "Register the router itself at the sources that take registrations (Nacos), until it drains"},
    {"mcp.router.register.name", Type::string, "mcp-router", kLive, "Name of the router there; NAME@GROUP names a group as well"},
    {"mcp.router.register.address", Type::string, "", kLive, "Host or address that others reach the router at; default: server.address, if that is one"},
    {"mcp.router.register.port", Type::integer, "", kLive, "Port that others reach it at; default: server.port", 1, 65535},
    {"mcp.router.register.metadata", Type::map, "", kLive, "Metadata of the registration, besides what the router says of itself"},
    {"mcp.router.context-path", Type::string, "", kLive, "Older name of server.servlet.context-path, used where that is not set"},
    {"mcp.router.sse.absolute-endpoint", Type::boolean, "false", kLive, "Give SSE clients the message endpoint as a whole URL instead of a path"},
    {"mcp.router.sse.heartbeat", Type::duration, "15s", kLive, "Time between comments on a quiet stream; 0 sends none", 0, kDay},
    {"mcp.router.timeouts.connect", Type::duration, "5s", kLive, "Time to reach an instance", 1, kDay},
    {"mcp.router.timeouts.response", Type::duration, "60s", kLive, "Time until an instance answers; progress starts it anew", 1, 7 * kDay},
    {"mcp.router.timeouts.idle", Type::duration, "5m", kLive, "Time without a byte on an answer that streams", 1, 7 * kDay},
    {"mcp.router.upstream.pool.idle", Type::duration, "4s", kLive, "How long an unused connection to an instance is kept", 0, kDay},
    {"mcp.router.upstream.pool.max-per-instance", Type::integer, "256", kLive, "Connections to one instance kept for reuse by each data thread", 0, 65535},

    {"mcp.router.upstream.pool.max-connections", Type::integer, "16384", kLive, "Connections of each data thread to one instance, streams included; further requests wait", 1, 10'000'000},
    {"mcp.router.upstream.pool.max-waiting", Type::integer, "1024", kLive, "Requests of each data thread that wait for a connection to one instance; further ones are answered with an error", 0, 10'000'000},
    {"mcp.router.limits.answer", Type::size, "64MiB", kLive, "Largest answer or event of an instance that must be taken whole: to hide tools in it, to change JSON into SSE or back, to handle it message by message; a larger one is answered with an error", 1024, std::int64_t{1} << 32},
    {"mcp.router.limits.initialize", Type::size, "1MiB", kLive, "Largest answer of an instance to initialize; a larger one is answered with an error", 1024, std::int64_t{1} << 30},
    {"mcp.router.lookup.timeout", Type::duration, "2s", kLive, "How long a request waits while the sources are asked for a service that none has published; 0 asks none", 0, 10 * 60 * kSecond},
    {"mcp.router.lookup.ttl", Type::duration, "60s", kLive, "After this time the sources are asked again for a service that was found so, or it is dropped where nobody used it", kSecond, kDay},
    {"mcp.router.lookup.negative-ttl", Type::duration, "5s", kLive, "How long a name that no source has found is not asked for again", 100, kDay},
    {"mcp.router.lookup.max-names", Type::integer, "1000", kLive, "Names that are being asked for or were not found lately; requests for further ones are answered 503", 1, 1'000'000},

    // Sessions
    {"mcp.session.store", Type::string, "memory", kRestart, "Where sessions live besides this process", 0, kMost, "memory|redis"},
    {"mcp.session.ttl", Type::duration, "30m", kLive, "How long an unused session is kept", kSecond, 365 * kDay},
    {"mcp.session.instance-id", Type::string, "", kRestart, "Name of this router among several; default: the host's name and a random part"},
    {"mcp.session.max", Type::integer, "100000", kLive, "Sessions of this router; a further initialize is answered 503", 1, 100'000'000},
    {"mcp.session.max-streams", Type::integer, "32", kLive, "Open streams of one session; a further request is answered 429", 1, 65535},
    {"mcp.session.max-requests", Type::integer, "1024", kLive, "Requests of one session under way, where the router handles messages one by one; a further one is answered with an error", 1, 10'000'000},
    {"mcp.session.redis-prefix", Type::string, "mcp", kRestart, "What keys in Redis begin with"},

    // Redis: mcp.session.redis.* where set, else spring.data.redis.*
    {"mcp.session.redis.host", Type::string, "", kRestart, "Host of Redis; default: spring.data.redis.host"},
    {"mcp.session.redis.port", Type::integer, "", kRestart, "Port of Redis; default: spring.data.redis.port", 1, 65535},
    {"mcp.session.redis.username", Type::string, "", kRestart, "User of Redis; default: spring.data.redis.username"},
    {"mcp.session.redis.password", Type::string, "", kRestart, "Password of Redis; default: spring.data.redis.password", 0, kMost, {}, true},
    {"mcp.session.redis.database", Type::integer, "", kRestart, "Database of Redis; default: spring.data.redis.database", 0, 65535},
    {"mcp.session.redis.timeout", Type::duration, "", kRestart, "Time for Redis to answer; default: spring.data.redis.timeout", 1, kDay},
    {"mcp.session.redis.connect-timeout", Type::duration, "", kRestart, "Time to reach Redis; default: spring.data.redis.connect-timeout", 1, kDay},
    {"mcp.session.redis.tls", Type::boolean, "", kRestart, "Speak TLS to Redis; default: spring.data.redis.ssl.enabled"},
    {"mcp.session.redis.ca-file", Type::string, "", kRestart, "PEM file of authorities for Redis; default: the system's"},
    {"mcp.session.redis.type", Type::foreign, "", kLive, "Of the Java router"},
    {"mcp.session.redis.pool", Type::foreign, "", kLive, "Of the Java router: one connection carries all"},
    {"mcp.session.redis.production", Type::foreign, "", kLive, "Of the Java router"},
    {"spring.data.redis.url", Type::string, "", kRestart, "redis://user:password@host:port/database or rediss://; wins over host, port, username, password and database beside it", 0, kMost, {}, true},
    {"spring.data.redis.host", Type::string, "localhost", kRestart, "Host of Redis"},
    {"spring.data.redis.port", Type::integer, "6379", kRestart, "Port of Redis", 1, 65535},
    {"spring.data.redis.username", Type::string, "", kRestart, "User of Redis"},
    {"spring.data.redis.password", Type::string, "", kRestart, "Password of Redis", 0, kMost, {}, true},
    {"spring.data.redis.database", Type::integer, "0", kRestart, "Database of Redis", 0, 65535},
    {"spring.data.redis.timeout", Type::duration, "2s", kRestart, "Time for Redis to answer", 1, kDay},
    {"spring.data.redis.connect-timeout", Type::duration, "2s", kRestart, "Time to reach Redis", 1, kDay},
    {"spring.data.redis.ssl.enabled", Type::boolean, "false", kRestart, "Speak TLS to Redis"},
    {"spring.data.redis.client-name", Type::foreign, "", kLive, "Of Spring"},
    {"spring.data.redis.client-type", Type::foreign, "", kLive, "Of Spring"},
    {"spring.data.redis.lettuce", Type::foreign, "", kLive, "Of Spring: one connection carries all"},
    {"spring.data.redis.jedis", Type::foreign, "", kLive, "Of Spring: one connection carries all"},
    {"spring.data.redis.repositories", Type::foreign, "", kLive, "Of Spring"},

    // Life cycle
    {"drain.announce", Type::duration, "5s", kLive, "After SIGTERM: readiness is 503 and connections are still taken for this long", 0, kDay},
    {"drain.timeout", Type::duration, "30s", kLive, "After that: time for requests in flight to end", 0, kDay},

    // Logging
    {"logging.level", Type::map, "root: info", kLive, "trace, debug, info, warn, error or off; by component, root for all others"},
    {"logging.file.name", Type::string, "", kLive, "Log to this file instead of the error output"},
    {"logging.file.max-size", Type::size, "100MiB", kLive, "Size at which the file is set aside; 0: never", 0, std::int64_t{1} << 40},
    {"logging.file.max-history", Type::integer, "7", kLive, "Set-aside files that are kept", 1, 10'000},
    {"logging.format", Type::string, "text", kLive, "One line of text or one JSON object a message", 0, kMost, "text|json"},

    // Spring's own, as far as it means something here
    {"spring.application.name", Type::string, "mcp-router", kLive, "Name shown by /actuator/info"},
    {"spring.profiles.active", Type::list, "", kRestart, "Profiles, where neither --profile nor SPRING_PROFILES_ACTIVE names any"},
    {"spring.profiles.include", Type::list, "", kRestart, "Profiles that are active besides"},

    // Taken so that files of the systems replaced work
    {"server.shutdown", Type::foreign, "", kLive, "Of Spring: see drain"},
    {"server.forward-headers-strategy", Type::foreign, "", kLive, "Of Spring: see server.trusted-proxies"},
    {"server.compression", Type::foreign, "", kLive, "Of Spring"},
    {"server.error", Type::foreign, "", kLive, "Of Spring"},
    {"server.netty", Type::foreign, "", kLive, "Of Spring"},
    {"server.tomcat", Type::foreign, "", kLive, "Of Spring"},
    {"server.undertow", Type::foreign, "", kLive, "Of Spring"},
    {"mcp.persistence", Type::foreign, "", kLive, "Of the Java router"},
    {"mcp.router.functional-sse", Type::foreign, "", kLive, "Of the Java router"},
    {"mcp.router.smart-route", Type::foreign, "", kLive, "Of the Java router"},
    {"mcp.router.update-interval", Type::foreign, "", kLive, "Of Spring AI Alibaba: sources tell of changes by themselves"},
    {"mcp.router.vector-store", Type::foreign, "", kLive, "Of Spring AI Alibaba"},
    {"mcp.router.discovery-type", Type::foreign, "", kLive, "Of Spring AI Alibaba: see mcp.router.discovery-order"},
};
// clang-format on

constexpr std::string_view kStrict[] = {"server",           "admin", "plugins", "mcp", "drain", "spring.ai.alibaba.mcp",
                                        "spring.data.redis"};

constexpr Alias kAliases[] = {{"spring.ai.alibaba.mcp.router", "mcp.router"}};

constexpr Alias kShorthands[] = {{"logging.file", "logging.file.name"},
                                 {"logging.level", "logging.level.root"},
                                 {"spring.data.redis.ssl", "spring.data.redis.ssl.enabled"}};

struct Index {
  std::unordered_map<std::string, const Key*> keys;
  std::set<std::string> sections;

  Index() {
    for (const Key& key : kKeys) {
      keys.emplace(uniform(key.name), &key);
      add_parents(key.name);
    }
    for (const std::string_view section : kStrict) add_parents(std::string(section) + ".x");
  }

  void add_parents(std::string_view name) {
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
      sections.insert(uniform(name.substr(0, dot)));
    }
  }
};

const Index& index() {
  static const Index instance;
  return instance;
}

}  // namespace

std::span<const Key> schema() { return kKeys; }

const Key* find_key(std::string_view name) {
  const auto found = index().keys.find(uniform(name));
  return found == index().keys.end() ? nullptr : found->second;
}

bool is_section(std::string_view name) { return index().sections.contains(uniform(name)); }

std::span<const std::string_view> strict_sections() { return kStrict; }

std::span<const Alias> aliases() { return kAliases; }

std::span<const Alias> shorthands() { return kShorthands; }

std::string canonical(std::string_view name) {
  const std::string wanted = uniform(name);
  for (const Alias& alias : kAliases) {
    const std::string from = uniform(alias.name);
    if (wanted == from) return std::string(alias.canonical);
    if (!wanted.starts_with(from + ".")) continue;
    const auto dots = static_cast<std::size_t>(std::count(alias.name.begin(), alias.name.end(), '.')) + 1;
    std::size_t at = 0;
    for (std::size_t i = 0; i < dots; ++i) at = name.find('.', at) + 1;
    return std::string(alias.canonical) + "." + std::string(name.substr(at));
  }
  return std::string(name);
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::boolean: return "true or false";
    case Type::integer: return "a whole number";
    case Type::size: return "a size (such as 512KiB or 4MiB)";
    case Type::duration: return "a duration (such as 15s, 500ms or PT30M)";
    case Type::string: return "text";
    case Type::list: return "a list";
    case Type::map: return "a section of names and values";
    case Type::any:
    case Type::foreign: return "anything";
  }
  return "anything";
}

}  // namespace mcpr::config
