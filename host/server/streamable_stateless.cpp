// Streamable HTTP of the stateless era (2026-07-28 and later).
#include "host/mcp/error.hpp"
#include "host/mcp/headers.hpp"
#include "host/server/streamable_request.hpp"

namespace mcpr::server {

using mcp::Kind;
using net::Field;
using route::RelayRequest;

namespace {

// Methods whose Mcp-Name must say what params.name, uri or taskId says (2026-07-28, "Standard request headers").
bool named_method(std::string_view method) {
  return method == "tools/call" || method == "resources/read" || method == "prompts/get" || method == "tasks/get" ||
         method == "tasks/update" || method == "tasks/cancel";
}

}  // namespace

void StreamableRequest::post_stateless(const Message& message) {
  if (batch_) return in_.refuse(400, mcp::kInvalidRequest, "this protocol revision has no batches");
  if (message.kind == Kind::response || message.kind == Kind::error) {
    return in_.refuse(400, mcp::kInvalidRequest, "this protocol revision has no answers from clients");
  }
  if (!headers_match(message)) return;
  if (!upstream::speaks(service(), catalog::era_stateless)) {
    if (message.method == "server/discover") {
      return in_.refuse(404, mcp::kMethodNotFound, "this service speaks the handshake era only: send initialize",
                        message.id);
    }
    return in_.refuse_with(400, mcp::unsupported_version_body(message.id, version_));
  }
  RelayRequest request;
  request.stateless = true;
  std::string body;
  if (answer_disabled_calls(request, body)) return;
  const auto instance = worker_.routes.pick(entry_, {catalog::era_stateless, 0, 0, nullptr});
  if (!instance) return no_instance(message.id);
  request.instance = instance;
  relay(request);
}

// Header and body must say the same (-32020); an intermediary that routes by one would else be led astray by the other.
bool StreamableRequest::headers_match(const Message& message) {
  const net::Headers& fields = in_.fields();
  const auto mismatch = [&](std::string_view text) {
    in_.refuse(400, mcp::kHeaderMismatch, text, message.id);
    return false;
  };
  if (fields.repeated(Field::mcp_method) || fields.repeated(Field::mcp_name))
    return mismatch("Mcp-Method or Mcp-Name is given twice");
  if (!fields.has(Field::mcp_method)) return mismatch("the Mcp-Method header is missing");
  if (!mcp::header_matches(fields.get(Field::mcp_method), message.method)) {
    return mismatch("the Mcp-Method header and the body name different methods");
  }
  if (named_method(message.method) && message.has_name) {
    if (!fields.has(Field::mcp_name)) return mismatch("the Mcp-Name header is missing");
    if (!mcp::header_matches(fields.get(Field::mcp_name), message.name)) {
      return mismatch("the Mcp-Name header and the body name different things");
    }
  }
  // What is missing in params._meta is for the instance to refuse (-32602): it also knows which methods are no more
  // (404).
  if (message.kind == Kind::request && message.method != "initialize" && !message.protocol_version.empty() &&
      message.protocol_version != version_) {
    return mismatch("the MCP-Protocol-Version header and params._meta name different revisions");
  }
  return true;
}

}  // namespace mcpr::server
