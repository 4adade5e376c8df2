#include "host/app/router_options.hpp"

#include <algorithm>
#include <stdexcept>

namespace mcpr::app {

namespace {

unsigned seconds(config::Millis time) {
  return static_cast<unsigned>(std::max<std::int64_t>(1, (time.count() + 999) / 1000));
}

}  // namespace

net::Address listen_address(const std::string& address, std::uint16_t port, const char* key) {
  if (const auto numeric = net::Address::numeric(address == "localhost" ? "127.0.0.1" : address, port)) return *numeric;
  throw std::invalid_argument(std::string(key) + ": \"" + address + "\" is not an IP address");
}

server::FrontOptionsPtr front_options(const config::Settings& settings) {
  auto out = std::make_shared<server::FrontOptions>();
  out->guard =
      server::Guard({settings.server.allowed_hosts, settings.server.allowed_origins, settings.server.trusted_proxies});
  out->cors = {settings.server.cors.enabled, settings.server.cors.allow_credentials,
               seconds(settings.server.cors.max_age)};
  out->context_path = settings.server.context_path;
  return out;
}

route::RouteOptions route_options(const config::Settings& settings) {
  route::RouteOptions out;
  out.heartbeat_s = settings.router.sse_heartbeat.count() == 0 ? 0 : seconds(settings.router.sse_heartbeat);
  out.max_streams = static_cast<unsigned>(settings.session.max_streams);
  out.session_ttl_s = seconds(settings.session.ttl);
  out.max_kept = settings.server.limits.stream_buffer;
  out.max_calls = settings.session.max_requests;
  out.max_initialize = settings.router.limits.initialize;
  out.max_answer = settings.router.limits.answer;
  out.lookup_timeout = settings.router.lookup.timeout;
  out.absolute_endpoint = settings.router.sse_absolute_endpoint;
  out.context_path = settings.server.context_path;
  return out;
}

control::DataPlaneOptions data_plane_options(const config::Settings& settings) {
  control::DataPlaneOptions out;
  out.threads = settings.server.threads;
  out.max_sessions = settings.session.max;
  out.http.limits.head = settings.server.limits.head;
  out.http.limits.body = settings.server.limits.body;
  out.http.max_connections = std::max<std::size_t>(1, settings.server.limits.connections / settings.server.threads);
  out.http.max_queued = settings.server.limits.stream_buffer;
  out.http.request_timeout_s = seconds(std::max(settings.server.timeouts.head, settings.server.timeouts.body));
  out.http.idle_timeout_s = seconds(settings.server.timeouts.idle);
  out.route = route_options(settings);
  out.pool.idle = settings.router.pool.idle;
  out.pool.max_idle = settings.router.pool.max_per_instance;
  out.pool.max_connections = settings.router.pool.max_connections;
  out.pool.max_waiting = settings.router.pool.max_waiting;
  out.front = front_options(settings);
  return out;
}

control::Lookups::Limits lookup_limits(const config::Settings& settings) {
  return {settings.router.lookup.ttl, settings.router.lookup.negative_ttl, settings.router.lookup.max_names};
}

control::AdminOptions admin_options(const config::Settings& settings) {
  control::AdminOptions out;
  out.token = settings.admin.token;
  out.guard.allowed_hosts = settings.server.allowed_hosts;
  out.guard.allowed_origins = settings.server.allowed_origins;
  return out;
}

}  // namespace mcpr::app
