#include "host/config/settings.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "host/config/discovery_order.hpp"
#include "host/config/redis_url.hpp"
#include "host/config/units.hpp"
#include "host/config/value_reader.hpp"

namespace mcpr::config {

namespace {

// "/a/b" with unreserved characters, or nothing: as it becomes part of URLs that clients are given.
bool is_context_path(std::string_view path) {
  if (path.empty()) return true;
  if (path.front() != '/' || path.back() == '/' || path.find("//") != std::string_view::npos) return false;
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._~-/").find(c) != std::string_view::npos;
  });
}

bool is_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  unsigned char bytes[sizeof(in6_addr)];
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes) == 1;
  const bool v6 = !v4 && inet_pton(AF_INET6, address.c_str(), bytes) == 1;
  if (!v4 && !v6) return false;
  if (slash == std::string::npos) return true;
  const auto bits = parse_integer(text.substr(slash + 1));
  return bits && *bits >= 0 && *bits <= (v4 ? 32 : 128);
}

bool is_origin(const std::string& text) {
  const std::size_t scheme = text.find("://");
  if (scheme == 0 || scheme == std::string::npos) return false;
  const std::string rest = text.substr(scheme + 3);
  return !rest.empty() && rest.find_first_of("/?#@ ") == std::string::npos;
}

void read_server(ValueReader& in, const Surroundings& surroundings, Settings& out) {
  Settings::Server& server = out.server;
  server.port = static_cast<std::uint16_t>(in.integer("server.port"));
  server.address = in.string("server.address");
  if (server.address.empty()) in.problem("server.address", "is empty; 0.0.0.0 or :: takes all addresses");
  server.threads = static_cast<unsigned>(in.integer("server.threads"));
  if (server.threads == 0) server.threads = std::max(1U, surroundings.cores);
  server.context_path = in.string("server.servlet.context-path");
  const std::string older = in.string("mcp.router.context-path");
  std::string_view path_key = "server.servlet.context-path";
  if (server.context_path.empty() && !older.empty()) {
    server.context_path = older;
    path_key = "mcp.router.context-path";
  }
  if (server.context_path == "/") server.context_path.clear();
  if (!is_context_path(server.context_path)) {
    in.problem(path_key,
               "expected a path such as /mcp-bridge (letters, digits and . _ ~ -, no slash at its end), found '" +
                   server.context_path + "'");
  }
  server.allowed_hosts = in.list("server.allowed-hosts");
  server.allowed_origins = in.list("server.allowed-origins");
  for (const std::string& origin : server.allowed_origins) {
    if (origin == "*" || is_origin(origin)) continue;
    in.problem("server.allowed-origins",
               "expected an origin such as https://example.com or '*', found '" + origin + "'");
  }
  server.trusted_proxies = in.list("server.trusted-proxies");
  for (const std::string& proxy : server.trusted_proxies) {
    if (is_network(proxy)) continue;
    in.problem("server.trusted-proxies", "expected an address or a network such as 10.0.0.0/8, found '" + proxy + "'");
  }
  server.cors.enabled = in.boolean("server.cors.enabled");
  server.cors.allow_credentials = in.boolean("server.cors.allow-credentials");
  server.cors.max_age = in.duration("server.cors.max-age");
  const auto& origins = server.allowed_origins;
  if (server.cors.allow_credentials && std::find(origins.begin(), origins.end(), "*") != origins.end()) {
    in.problem("server.cors.allow-credentials", "cannot be true while server.allowed-origins is '*': name the origins");
  }
  server.limits.body = in.size("server.limits.body");
  server.limits.head = in.size("server.limits.head");
  server.limits.connections = static_cast<std::size_t>(in.integer("server.limits.connections"));
  server.limits.stream_buffer = in.size("server.limits.stream-buffer");
  server.timeouts = {in.duration("server.timeouts.head"), in.duration("server.timeouts.body"),
                     in.duration("server.timeouts.idle")};
}

void read_admin(ValueReader& in, Settings& out) {
  Settings::Admin& admin = out.admin;
  admin.enabled = in.boolean("admin.enabled");
  admin.address = in.string("admin.address");
  if (admin.address.empty()) in.problem("admin.address", "is empty; 0.0.0.0 or :: takes all addresses");
  admin.token = in.string("admin.token");
  const auto port = in.maybe_number("admin.port");
  const unsigned usual = out.server.port == 0 ? 0 : out.server.port + 1000U;
  if (port) {
    admin.port = static_cast<std::uint16_t>(*port);
  } else if (usual <= 65535) {
    admin.port = static_cast<std::uint16_t>(usual);
  } else if (admin.enabled) {
    in.problem("server.port", "leaves no port for the admin listener (server.port + 1000): set admin.port");
  }
  if (admin.enabled && admin.port != 0 && admin.port == out.server.port) {
    in.problem("admin.port", "is also server.port; the admin listener needs a port of its own");
  }
}

void read_plugins(ValueReader& in, const Surroundings& surroundings, Settings& out) {
  Settings::Plugins& plugins = out.plugins;
  plugins.directory = in.string("plugins.directory");
  if (plugins.directory.empty()) plugins.directory = surroundings.plugin_directory;
  plugins.runtime_directory = in.string("plugins.runtime-directory");
  plugins.strict = in.string("plugins.check-permissions") == "strict";
  plugins.automatic = in.boolean("plugins.auto");
  using Probe = Settings::Plugins::Probe;
  const std::string probe = in.string("plugins.probe");
  plugins.probe = probe == "always" ? Probe::always : probe == "never" ? Probe::never : Probe::replacements;
  plugins.probe_timeout = in.duration("plugins.probe-timeout");
  plugins.takeover_timeout = in.duration("plugins.takeover-timeout");
  plugins.max_retired = static_cast<std::size_t>(in.integer("plugins.max-retired"));
}

void read_router(ValueReader& in, Settings& out) {
  Settings::Router& router = out.router;
  router.enabled = in.boolean("mcp.router.enabled");
  router.discovery_order = read_discovery_order(in.any("mcp.router.discovery-order"), in.resolver(), in.problems());
  router.service_names = in.list("mcp.router.service-names");
  // For the plugins that claim them: read here so that a change of them is seen.
  for (const char* key :
       {"mcp.router.services", "mcp.router.file.files", "mcp.router.file.folders", "mcp.router.file.mcp-servers"}) {
    in.any(key);
  }
  router.load_balancer = in.string("mcp.router.load-balancer");
  if (router.load_balancer.empty()) in.problem("mcp.router.load-balancer", "is empty; round-robin is the default");
  router.sse_absolute_endpoint = in.boolean("mcp.router.sse.absolute-endpoint");
  router.sse_heartbeat = in.duration("mcp.router.sse.heartbeat");
  router.timeouts = {in.duration("mcp.router.timeouts.connect"), in.duration("mcp.router.timeouts.response"),
                     in.duration("mcp.router.timeouts.idle")};
  router.pool = {in.duration("mcp.router.upstream.pool.idle"),
                 static_cast<unsigned>(in.integer("mcp.router.upstream.pool.max-per-instance")),
                 static_cast<std::size_t>(in.integer("mcp.router.upstream.pool.max-connections")),
                 static_cast<std::size_t>(in.integer("mcp.router.upstream.pool.max-waiting"))};
  router.limits = {in.size("mcp.router.limits.answer"), in.size("mcp.router.limits.initialize")};
  router.lookup = {in.duration("mcp.router.lookup.timeout"), in.duration("mcp.router.lookup.ttl"),
                   in.duration("mcp.router.lookup.negative-ttl"),
                   static_cast<std::size_t>(in.integer("mcp.router.lookup.max-names"))};
}

void read_register(ValueReader& in, Settings& out) {
  Settings::Register& registration = out.router.registration;
  registration.enabled = in.boolean("mcp.router.register.enabled");
  registration.name = in.string("mcp.router.register.name");
  registration.address = in.string("mcp.router.register.address");
  if (const auto port = in.maybe_number("mcp.router.register.port")) {
    registration.port = static_cast<std::uint16_t>(*port);
  }
  for (auto& [key, value] : in.map("mcp.router.register.metadata")) registration.metadata[key] = value;
  if (!registration.enabled) return;
  if (registration.name.empty()) in.problem("mcp.router.register.name", "is empty");
  if (!registration.address.empty()) return;
  const std::string& address = out.server.address;
  if (address == "0.0.0.0" || address == "::" || address == "[::]") {
    in.problem("mcp.router.register.address",
               "is needed, as server.address (" + address + ") is no place to connect to");
  }
  registration.address = address;
}

void read_session(ValueReader& in, const Surroundings& surroundings, Settings& out) {
  Settings::Session& session = out.session;
  session.store = in.string("mcp.session.store") == "redis" ? Settings::Store::redis : Settings::Store::memory;
  session.ttl = in.duration("mcp.session.ttl");
  session.instance_id = in.string("mcp.session.instance-id");
  if (session.instance_id.empty()) session.instance_id = surroundings.generated_instance_id;
  session.max = static_cast<std::size_t>(in.integer("mcp.session.max"));
  session.max_streams = static_cast<std::size_t>(in.integer("mcp.session.max-streams"));
  session.max_requests = static_cast<std::size_t>(in.integer("mcp.session.max-requests"));
  session.redis_prefix = in.string("mcp.session.redis-prefix");
}

void read_redis(ValueReader& in, Settings& out) {
  Settings::Redis& redis = out.redis;
  redis.host = in.string("spring.data.redis.host");
  redis.port = static_cast<std::uint16_t>(in.integer("spring.data.redis.port"));
  redis.username = in.string("spring.data.redis.username");
  redis.password = in.string("spring.data.redis.password");
  redis.database = static_cast<unsigned>(in.integer("spring.data.redis.database"));
  redis.timeout = in.duration("spring.data.redis.timeout");
  redis.connect_timeout = in.duration("spring.data.redis.connect-timeout");
  redis.tls = in.boolean("spring.data.redis.ssl.enabled");
  if (const std::string url = in.string("spring.data.redis.url"); !url.empty()) {
    std::string why;
    if (!apply_redis_url(url, redis, why)) in.problem("spring.data.redis.url", why);
  }
  if (const auto host = in.maybe_string("mcp.session.redis.host")) redis.host = *host;
  if (const auto port = in.maybe_number("mcp.session.redis.port")) redis.port = static_cast<std::uint16_t>(*port);
  if (const auto username = in.maybe_string("mcp.session.redis.username")) redis.username = *username;
  if (const auto password = in.maybe_string("mcp.session.redis.password")) redis.password = *password;
  if (const auto database = in.maybe_number("mcp.session.redis.database"))
    redis.database = static_cast<unsigned>(*database);
  if (const auto timeout = in.maybe_number("mcp.session.redis.timeout")) redis.timeout = Millis(*timeout);
  if (const auto timeout = in.maybe_number("mcp.session.redis.connect-timeout"))
    redis.connect_timeout = Millis(*timeout);
  if (const auto tls = in.maybe_boolean("mcp.session.redis.tls")) redis.tls = *tls;
  redis.ca_file = in.string("mcp.session.redis.ca-file");
}

void read_logging(ValueReader& in, const ConfigTree& tree, Settings& out) {
  Settings::Logging& logging = out.logging;
  for (auto& [component, level] : in.map("logging.level")) {
    std::transform(level.begin(), level.end(), level.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (level == "fatal") level = "error";  // of Logback and Log4j
    if (level == "false") level = "off";    // YAML's older reading of a plain off
    constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
    if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels)) {
      const Node* node = tree.find("logging.level." + component);
      in.problems().push_back(
          {node ? node->origin : in.origin("logging.level"),
           "logging.level." + component + ": expected trace, debug, info, warn, error or off, found '" + level + "'"});
      continue;
    }
    logging.levels[component] = level;
  }
  logging.levels.try_emplace("root", "info");
  logging.file = in.string("logging.file.name");
  logging.file_max_size = in.size("logging.file.max-size");
  logging.file_max_history = static_cast<unsigned>(in.integer("logging.file.max-history"));
  logging.json = in.string("logging.format") == "json";
}

}  // namespace

Settings make_settings(const ConfigTree& tree, const Surroundings& surroundings, Problems& problems) {
  Settings out;
  ValueReader in(tree, problems);
  read_server(in, surroundings, out);
  read_admin(in, out);
  read_plugins(in, surroundings, out);
  read_router(in, out);
  read_register(in, out);
  read_session(in, surroundings, out);
  read_redis(in, out);
  out.drain = {in.duration("drain.announce"), in.duration("drain.timeout")};
  read_logging(in, tree, out);
  out.application_name = in.string("spring.application.name");
  in.list("spring.profiles.active");
  in.list("spring.profiles.include");
  out.values = in.values();
  return out;
}

Changes diff(const Settings& before, const Settings& after) {
  Changes changes;
  for (const Settings::Value& value : after.values) {
    const auto old = std::find_if(before.values.begin(), before.values.end(),
                                  [&](const Settings::Value& other) { return other.key == value.key; });
    if (old != before.values.end() && old->text == value.text) continue;
    const Key* key = find_key(value.key);
    (key && key->apply == Apply::live ? changes.live : changes.restart).push_back(value.key);
  }
  return changes;
}

}  // namespace mcpr::config
