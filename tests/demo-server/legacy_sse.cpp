// HTTP+SSE of 2024-11-05: a stream that is the session, and a path that its messages are posted to.
#include "host/mcp/error.hpp"
#include "tests/demo-server/demo_server.hpp"

namespace mcpr::demo {

void DemoServer::on_sse(net::HttpConnection& connection) {
  if (sessions_.size() >= options_.sessions) return refuse(connection, 503, mcp::kInternalError, "too many sessions");
  const std::string id = new_session_id();
  auto stream = std::make_shared<ListenStream>(connection, [this, id] {
    tools_.forget(id);
    sessions_.erase(id);
  });
  sessions_.emplace(id, Session{std::string(), stream, true});
  stream->open("", options_.heartbeat_s);
  stream->event("endpoint", "/message?sessionId=" + id);
}

void DemoServer::on_message(net::HttpConnection& connection, std::string_view body) {
  constexpr std::string_view key = "sessionId=";
  const std::string_view target = connection.request().target;
  const auto from = target.find(key);
  if (from == std::string_view::npos) return refuse(connection, 400, mcp::kBadRequest, "no sessionId in the query");
  std::string_view id = target.substr(from + key.size());
  id = id.substr(0, id.find('&'));
  const auto at = sessions_.find(id);
  if (at == sessions_.end() || !at->second.legacy) {
    return refuse(connection, 404, mcp::kSessionNotFound, "Session not found");
  }
  const mcp::Peeked peeked = peeker_.read(body);
  if (peeked.error != mcp::PeekError::none) {
    const int code = peeked.error == mcp::PeekError::parse ? mcp::kParseError : mcp::kInvalidRequest;
    return refuse(connection, 400, code, peeked.detail, peeked.id);
  }
  const Caller caller{std::make_shared<StreamOutlet>(at->second.stream), at->first, false, true};
  const char* end = body.data() + body.size() + mcp::kPadding;
  for (const mcp::Message& one : peeker_.messages()) {
    if (one.method == "initialize" && one.kind == mcp::Kind::request) {
      at->second.version = negotiate(one.protocol_version);
      caller.out->answer(result_body(one.id, initialize_result(at->second.version)));
      continue;
    }
    message(caller, at->second, one, one.params.empty() ? 0 : static_cast<std::size_t>(end - one.params.data()));
  }
  connection.send(202, "Content-Type: text/plain\r\n", "Accepted");
}

}  // namespace mcpr::demo
