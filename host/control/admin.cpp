#include "host/control/admin.hpp"

#include <openssl/crypto.h>

#include <boost/json.hpp>

#include "host/server/target.hpp"

namespace mcpr::control {

namespace json = boost::json;
using net::Field;

namespace {

constexpr std::string_view kJson = "Content-Type: application/json\r\nCache-Control: no-store\r\n";

void answer(net::HttpConnection& connection, unsigned status, const json::value& body) {
  connection.send(status, kJson, json::serialize(body));
}

void refuse(net::HttpConnection& connection, unsigned status, std::string_view text, std::string_view fields = {}) {
  connection.send(status, std::string(kJson).append(fields), json::serialize(json::object{{"error", text}}));
}

net::HttpServerOptions options() {
  net::HttpServerOptions out;
  out.max_connections = 256;
  out.limits.body = 1024 * 1024;
  return out;
}

}  // namespace

Admin::Admin(net::Loop& loop, AdminView view, AdminOptions options_)
    : view_(std::move(view)),
      token_(std::move(options_.token)),
      guard_(std::move(options_.guard)),
      server_(loop, *this, options()) {}

void Admin::start(const net::Address& at) {
  const std::vector<int> listeners = net::open_listeners(at, 1);
  port_ = net::local_address(listeners.front()).port();
  server_.listen(listeners.front());
}

void Admin::on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) {
  refuse(connection, status, text);
}

// Without a token, only who is on this machine and was not sent on by a proxy: a proxy in front would make everybody
// local.
bool Admin::allowed(net::HttpConnection& connection) const {
  const net::Headers& fields = connection.request().headers;
  if (!guard_.host_allowed(fields)) {
    refuse(connection, 403, "Host not allowed on the admin listener");
    return false;
  }
  if (!guard_.origin_allowed(fields)) {
    refuse(connection, 403, "Origin not allowed on the admin listener");
    return false;
  }
  if (!token_.empty()) {
    constexpr std::string_view scheme = "Bearer ";
    std::string_view given = fields.get(Field::authorization);
    if (given.size() > scheme.size() && net::iequals(given.substr(0, scheme.size()), scheme))
      given.remove_prefix(scheme.size());
    if (given.size() == token_.size() && CRYPTO_memcmp(given.data(), token_.data(), token_.size()) == 0) return true;
    refuse(connection, 401, "admin.token is set: send it as Authorization: Bearer",
           "WWW-Authenticate: Bearer realm=\"mcp-router admin\"\r\n");
    return false;
  }
  const bool forwarded = fields.has(Field::forwarded) || fields.has(Field::x_forwarded_for) ||
                         fields.has(Field::x_forwarded_host) || fields.has(Field::x_forwarded_proto) ||
                         fields.has(Field::x_real_ip);
  if (!forwarded) return true;
  refuse(connection, 403, "requests through a proxy need admin.token to be set");
  return false;
}

void Admin::on_request(net::HttpConnection& connection, std::string_view) {
  if (!allowed(connection)) return;
  const net::RequestHead& head = connection.request();
  if (head.verb != net::Verb::get && head.verb != net::Verb::head)
    return refuse(connection, 405, "use GET", "Allow: GET, HEAD\r\n");
  std::string_view path = head.target.substr(0, head.target.find('?'));
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path == "/actuator/health") {
    const json::object health = view_.health();
    return answer(connection, health.at("status") == "OUT_OF_SERVICE" ? 503 : 200, health);
  }
  if (path == "/actuator/health/liveness") return answer(connection, 200, {{"status", "UP"}});
  if (path == "/actuator/health/readiness") {
    const bool out = view_.health().at("status") == "OUT_OF_SERVICE";
    return answer(connection, out ? 503 : 200, {{"status", out ? "OUT_OF_SERVICE" : "UP"}});
  }
  if (path == "/actuator/info") return answer(connection, 200, view_.info());
  if (path == "/actuator/prometheus") {
    return connection.send(200, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", view_.metrics());
  }
  if (path == "/admin/api/plugins") return answer(connection, 200, view_.plugins());
  if (path == "/admin/api/sources") return answer(connection, 200, view_.sources());
  if (path == "/admin/api/services") return answer(connection, 200, view_.services());
  constexpr std::string_view one = "/admin/api/services/";
  std::string name;
  if (path.starts_with(one) && server::percent_decode(path.substr(one.size()), name)) {
    const json::value service = view_.service(name);
    return service.is_null() ? refuse(connection, 404, "there is no such service") : answer(connection, 200, service);
  }
  refuse(connection, 404, "nothing is served at this path");
}

}  // namespace mcpr::control
