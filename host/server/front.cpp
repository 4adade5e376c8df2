#include "host/server/front.hpp"

#include "host/mcp/error.hpp"
#include "host/server/lookup_wait.hpp"

namespace mcpr::server {

using metrics::Counter;
using net::Verb;

namespace {
constexpr std::string_view kJson = "Content-Type: application/json\r\n";
}

void Incoming::refuse_with(unsigned status, std::string_view error_body) const {
  worker.cells.add(Counter::refused);
  connection.send(status, std::string(kJson) + cors, error_body);
}

void Incoming::refuse(unsigned status, int code, std::string_view text, std::string_view id,
                      std::string_view more_fields) const {
  worker.cells.add(Counter::refused);
  connection.send(status, std::string(kJson).append(more_fields) + cors, mcp::error_body(id, code, text));
}

std::string_view Incoming::request_id() const {
  if (body.empty() || worker.peeker.read(body).error != mcp::PeekError::none) return {};
  for (const mcp::Message& at : worker.peeker.messages()) {
    if (at.kind == mcp::Kind::request) return at.id;
  }
  return {};
}

std::size_t Incoming::find_service() {
  const upstream::Directory& directory = worker.routes.directory();
  const std::size_t found = target.named ? directory.find(target.service) : directory.only();
  if (found == upstream::Directory::kNone) {
    const route::NameLookup* lookup = worker.shared.lookup;
    if (target.named && !looked_up && lookup && worker.options.lookup_timeout.count() > 0 &&
        lookup->worth_asking(target.service)) {
      LookupWait::start(*this);
      return found;
    }
    refuse(404, mcp::kBadRequest,
           target.named ? "there is no such service" : "name a service: /mcp/{service} or /sse/{service}",
           request_id());
    return found;
  }
  const catalog::Service& service = *directory.at(found).service;
  if (const std::string_view why = catalog::why_not_routable(service); !why.empty()) {
    // A disabled service is as good as absent; what else is wrong may be said.
    if (service.enabled) {
      refuse(503, mcp::kInternalError, "the service cannot be called: " + std::string(why), request_id());
    } else {
      refuse(404, mcp::kBadRequest, "there is no such service", request_id());
    }
    return upstream::Directory::kNone;
  }
  directory.at(found).use();
  return found;
}

void Front::on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) {
  worker_.cells.add(Counter::refused);
  connection.send(status, kJson, mcp::error_body({}, mcp::kInvalidRequest, text));
}

void Front::on_request(net::HttpConnection& connection, std::string_view body) {
  const net::RequestHead& head = connection.request();
  const Target target = parse_target(head.target, options_->context_path);
  switch (target.endpoint) {
    case Endpoint::health:
    case Endpoint::liveness:
    case Endpoint::readiness:
    case Endpoint::info: return health(connection, target.endpoint);
    default: break;
  }
  worker_.cells.add(Counter::requests);
  worker_.cells.add(Counter::bytes_in, body.size());
  const FrontOptionsPtr options = options_;
  Incoming in{worker_, connection, options, target, body, {}, {}};
  if (!options->guard.host_allowed(head.headers)) {
    return in.refuse(403, mcp::kBadRequest, "Host not allowed (server.allowed-hosts)");
  }
  if (!options->guard.origin_allowed(head.headers)) {
    return in.refuse(403, mcp::kBadRequest, "Origin not allowed (server.allowed-origins)");
  }
  in.cors = cors_fields(head.headers, options->cors);
  if (target.endpoint == Endpoint::unknown) return in.refuse(404, mcp::kBadRequest, "nothing is served at this path");
  if (head.verb == Verb::options) return connection.send(204, preflight_fields(head.headers, options->cors), {});
  if (!worker_.shared.enabled.load(std::memory_order_relaxed)) {
    return in.refuse(503, mcp::kInternalError, "the router is switched off (mcp.router.enabled)");
  }
  switch (target.endpoint) {
    case Endpoint::mcp: return serve_streamable(in);
    case Endpoint::sse: return serve_sse_stream(in);
    default: return serve_sse_message(in);
  }
}

void Front::health(net::HttpConnection& connection, Endpoint endpoint) {
  if (connection.request().verb != Verb::get && connection.request().verb != Verb::head) {
    return connection.send(405, "Allow: GET, HEAD\r\n", {});
  }
  const bool draining = worker_.shared.draining.load(std::memory_order_relaxed);
  const bool ready = health_.ready.load(std::memory_order_relaxed) && !draining;
  switch (endpoint) {
    case Endpoint::liveness: return connection.send(200, kJson, R"({"status":"UP"})");
    case Endpoint::readiness:
      return ready ? connection.send(200, kJson, R"({"status":"UP"})")
                   : connection.send(503, kJson, R"({"status":"OUT_OF_SERVICE"})");
    case Endpoint::info:
      return connection.send(200, kJson, R"({"build":{"name":"mcp-router","version":")" + health_.version + R"("}})");
    default: break;
  }
  if (!ready) return connection.send(503, kJson, R"({"status":"OUT_OF_SERVICE"})");
  // A source that is away does not make the router unfit: 200, so that balancers keep it.
  connection.send(200, kJson,
                  health_.degraded.load(std::memory_order_relaxed) ? R"({"status":"DEGRADED"})" : R"({"status":"UP"})");
}

}  // namespace mcpr::server
