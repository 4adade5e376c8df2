#include "tests/demo-server/demo_server.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "host/mcp/error.hpp"
#include "host/mcp/media.hpp"
#include "host/mcp/version.hpp"

namespace mcpr::demo {

namespace {

using net::Field;

constexpr std::string_view kPlain = "Content-Type: text/plain\r\n";

bool loopback_name(std::string_view authority) {
  if (const auto scheme = authority.find("://"); scheme != std::string_view::npos) authority.remove_prefix(scheme + 3);
  const auto from = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = from == std::string_view::npos ? from : authority.find(':', from);
  const std::string_view host = authority.substr(0, colon);
  return net::iequals(host, "localhost") || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace

void refuse(net::HttpConnection& connection, unsigned status, int code, std::string_view text, std::string_view id,
            std::string_view data) {
  connection.send(status, "Content-Type: application/json\r\n", mcp::error_body(id, code, text, data));
}

std::string result_body(std::string_view id, std::string_view result) {
  std::string out;
  out.reserve(id.size() + result.size() + 40);
  out.append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)").append(result).append("}");
  return out;
}

std::string new_session_id() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id.push_back(digits[byte >> 4]);
    id.push_back(digits[byte & 15]);
  }
  return id;
}

std::string negotiate(std::string_view asked) {
  return std::string(mcp::known(asked) && mcp::handshake(asked) ? asked : mcp::kLatestHandshake);
}

std::string DemoServer::initialize_result(std::string_view version) const {
  std::string out = R"({"protocolVersion":")";
  out.append(version).append(R"(","capabilities":{"logging":{},"tools":{}},"serverInfo":{"name":")");
  out.append(options_.name)
      .append(R"(","title":"Demo server","version":"1.0.0"},"instructions":"Tools to try a router with."})");
  return out;
}

bool DemoServer::allowed(net::HttpConnection& connection) {
  const net::Headers& headers = connection.request().headers;
  if (headers.repeated(Field::host) || !loopback_name(headers.get(Field::host))) {
    refuse(connection, 403, mcp::kBadRequest, "Host is not this machine");
    return false;
  }
  if (headers.has(Field::origin) && (headers.repeated(Field::origin) || !loopback_name(headers.get(Field::origin)))) {
    refuse(connection, 403, mcp::kBadRequest, "Origin is not allowed");
    return false;
  }
  return true;
}

void DemoServer::on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) {
  connection.send(status, kPlain, text);
}

void DemoServer::on_request(net::HttpConnection& connection, std::string_view body) {
  const std::string_view target = connection.request().target;
  const std::string_view path = target.substr(0, target.find('?'));
  const net::Verb verb = connection.request().verb;
  if (path == "/health" && verb == net::Verb::get) return connection.send(200, kPlain, "up\n");
  if (path != "/mcp" && path != "/sse" && path != "/message") return connection.send(404, kPlain, "no such path\n");
  if (!allowed(connection)) return;
  if (path == "/mcp") {
    if (verb == net::Verb::post) return on_post(connection, body);
    if (verb == net::Verb::get && options_.get_stream) return on_get(connection);
    if (verb == net::Verb::del && options_.handshake) return on_delete(connection);
    return connection.send(405, options_.get_stream ? "Allow: POST, GET, DELETE\r\n" : "Allow: POST, DELETE\r\n", "");
  }
  if (!options_.handshake) return connection.send(404, kPlain, "this server speaks the stateless era only, at /mcp\n");
  if (path == "/sse" && verb == net::Verb::get) return on_sse(connection);
  if (path == "/message" && verb == net::Verb::post) return on_message(connection, body);
  connection.send(405, path == "/sse" ? "Allow: GET\r\n" : "Allow: POST\r\n", "");
}

void DemoServer::on_post(net::HttpConnection& connection, std::string_view body) {
  const net::Headers& headers = connection.request().headers;
  if (!mcp::is_json(headers.get(Field::content_type))) {
    return refuse(connection, 415, mcp::kBadRequest, "Content-Type must be application/json");
  }
  const mcp::Acceptable accept = mcp::accepts(headers.get(Field::accept));
  if (!accept.json || !accept.sse) {
    return refuse(connection, 406, mcp::kBadRequest, "Accept must allow application/json and text/event-stream");
  }
  const mcp::Peeked peeked = peeker_.read(body);
  if (peeked.error != mcp::PeekError::none) {
    const int code = peeked.error == mcp::PeekError::parse ? mcp::kParseError : mcp::kInvalidRequest;
    return refuse(connection, 400, code, peeked.detail, peeked.id);
  }
  const mcp::Message& first = peeker_.messages().front();
  const bool claims = mcp::stateless(headers.get(Field::mcp_protocol_version)) || headers.has(Field::mcp_method) ||
                      (first.method != "initialize" && mcp::stateless(first.protocol_version));
  if (!options_.handshake || (options_.stateless && claims)) return on_stateless(connection, body, peeked);
  on_handshake(connection, body, peeked);
}

void DemoServer::on_handshake(net::HttpConnection& connection, std::string_view body, const mcp::Peeked& peeked) {
  const net::Headers& headers = connection.request().headers;
  const auto messages = peeker_.messages();
  const std::string_view version = headers.get(Field::mcp_protocol_version);
  if (!version.empty() && !(mcp::known(version) && mcp::handshake(version))) {
    return refuse(connection, 400, mcp::kBadRequest, "MCP-Protocol-Version is not supported", messages.front().id);
  }
  const auto is_initialize = [](const mcp::Message& m) { return m.method == "initialize"; };
  if (std::any_of(messages.begin(), messages.end(), is_initialize)) {
    if (peeked.batch) return refuse(connection, 400, mcp::kInvalidRequest, "initialize must not be part of a batch");
    if (messages.front().id.empty())
      return refuse(connection, 400, mcp::kInvalidRequest, "initialize must be a request");
    if (sessions_.size() >= options_.sessions) return refuse(connection, 503, mcp::kInternalError, "too many sessions");
    const std::string id = new_session_id();
    const std::string agreed = negotiate(messages.front().protocol_version);
    sessions_.emplace(id, Session{agreed, nullptr, false});
    return connection.send(200, "Content-Type: application/json\r\nMcp-Session-Id: " + id + "\r\n",
                           result_body(messages.front().id, initialize_result(agreed)));
  }
  if (!headers.has(Field::mcp_session_id)) {
    return refuse(connection, 400, mcp::kBadRequest, "no Mcp-Session-Id: begin with initialize", messages.front().id);
  }
  const auto at = sessions_.find(headers.get(Field::mcp_session_id));
  if (at == sessions_.end() || at->second.legacy) {
    return refuse(connection, 404, mcp::kSessionNotFound, "Session not found", messages.front().id);
  }
  if (peeked.batch && !mcp::batches(at->second.version)) {
    return refuse(connection, 400, mcp::kInvalidRequest, "batches ended with revision 2025-03-26");
  }
  const auto is_request = [](const mcp::Message& m) { return m.kind == mcp::Kind::request; };
  const auto requests = static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(), is_request));
  Caller caller{nullptr, at->first, false, true};
  if (requests) caller.out = std::make_shared<PostOutlet>(connection, requests, peeked.batch, "");
  const char* end = body.data() + body.size() + mcp::kPadding;
  for (const mcp::Message& one : messages) {
    message(caller, at->second, one, one.params.empty() ? 0 : static_cast<std::size_t>(end - one.params.data()));
  }
  if (!requests) connection.send(202, "", "");
}

void DemoServer::message(const Caller& caller, Session&, const mcp::Message& message, std::size_t capacity) {
  if (message.kind == mcp::Kind::notification) {
    if (message.method == "notifications/cancelled") tools_.cancel(caller.scope, message.request_id);
    return;
  }
  if (message.kind != mcp::Kind::request) return;
  if (message.method == "tools/call") return tools_.call(caller, message, capacity);
  if (message.method == "tools/list") {
    return caller.out->answer(result_body(message.id, std::string("{").append(Tools::list()).append("}")));
  }
  if (message.method == "ping" || message.method == "logging/setLevel") {
    return caller.out->answer(result_body(message.id, "{}"));
  }
  caller.out->answer(
      mcp::error_body(message.id, mcp::kMethodNotFound, "Method not found: " + std::string(message.method)));
}

void DemoServer::on_get(net::HttpConnection& connection) {
  const net::Headers& headers = connection.request().headers;
  if (!mcp::accepts(headers.get(Field::accept)).sse) {
    return refuse(connection, 406, mcp::kBadRequest, "Accept must allow text/event-stream");
  }
  if (!headers.has(Field::mcp_session_id)) return refuse(connection, 400, mcp::kBadRequest, "no Mcp-Session-Id");
  const auto at = sessions_.find(headers.get(Field::mcp_session_id));
  if (at == sessions_.end() || at->second.legacy) {
    return refuse(connection, 404, mcp::kSessionNotFound, "Session not found");
  }
  if (at->second.stream) return refuse(connection, 409, mcp::kBadRequest, "the session has a stream already");
  at->second.stream = std::make_shared<ListenStream>(connection, [this, id = at->first] {
    const auto session = sessions_.find(id);
    if (session != sessions_.end()) session->second.stream.reset();
  });
  at->second.stream->open("", options_.heartbeat_s);
}

void DemoServer::on_delete(net::HttpConnection& connection) {
  const auto at = sessions_.find(connection.request().headers.get(Field::mcp_session_id));
  if (at == sessions_.end() || at->second.legacy) {
    return refuse(connection, 404, mcp::kSessionNotFound, "Session not found");
  }
  tools_.forget(at->first);
  sessions_.erase(at);
  connection.send(200, "", "");
}

}  // namespace mcpr::demo
