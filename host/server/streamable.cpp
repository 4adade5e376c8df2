// Streamable HTTP on the client side, both eras on one URL: what is common to them.
#include "host/mcp/array_cut.hpp"
#include "host/mcp/error.hpp"
#include "host/mcp/listen.hpp"
#include "host/mcp/sse_writer.hpp"
#include "host/mcp/version.hpp"
#include "host/route/listen_relay.hpp"
#include "host/route/relay.hpp"
#include "host/server/streamable_request.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::server {

using mcp::Kind;
using metrics::Counter;
using net::Field;
using net::Verb;
using route::RelayRequest;
using upstream::Directory;

namespace {
constexpr std::string_view kAllow = "Allow: POST, GET, DELETE, OPTIONS\r\n";
}  // namespace

void serve_streamable(Incoming& in) { StreamableRequest(in).serve(); }

void StreamableRequest::serve() {
  if (in_.fields().repeated(Field::mcp_protocol_version) || in_.fields().repeated(Field::mcp_session_id)) {
    return in_.refuse(400, mcp::kInvalidRequest, "a header that the router decides by is given twice");
  }
  version_ = in_.fields().get(Field::mcp_protocol_version);
  entry_ = in_.find_service();
  if (entry_ == Directory::kNone) return;
  switch (in_.connection.request().verb) {
    case Verb::post: return post();
    case Verb::get: return get();
    case Verb::del: return del();
    default: return in_.refuse(405, mcp::kBadRequest, "use POST, GET or DELETE", {}, kAllow);
  }
}

void StreamableRequest::post() {
  if (!mcp::is_json(in_.fields().get(Field::content_type))) {
    return in_.refuse(415, mcp::kBadRequest, "Content-Type must be application/json");
  }
  accept_ = mcp::accepts(in_.fields().get(Field::accept));
  if (!accept_.json && !accept_.sse) {
    return in_.refuse(406, mcp::kBadRequest, "Accept must allow application/json or text/event-stream");
  }
  if (!version_.empty() && !mcp::known(version_)) {
    const mcp::Peeked peeked = worker_.peeker.read(in_.body);
    if (peeked.error == mcp::PeekError::none) messages_ = worker_.peeker.messages();
    return in_.refuse_with(400, mcp::unsupported_version_body(first_request_id(), version_));
  }
  const mcp::Peeked peeked = worker_.peeker.read(in_.body);
  if (peeked.error != mcp::PeekError::none) {
    const int code = peeked.error == mcp::PeekError::parse ? mcp::kParseError : mcp::kInvalidRequest;
    return in_.refuse(400, code, peeked.detail, peeked.id);
  }
  batch_ = peeked.batch;
  messages_ = worker_.peeker.messages();
  worker_.cells.add(Counter::messages_in, messages_.size());
  const Message& first = messages_.front();
  const bool body_stateless = !batch_ && first.method != "initialize" && mcp::stateless(first.protocol_version);
  if (mcp::stateless(version_)) return post_stateless(first);
  if (body_stateless) {
    return in_.refuse(400, mcp::kHeaderMismatch,
                      version_.empty() ? "the MCP-Protocol-Version header is missing"
                                       : "the MCP-Protocol-Version header and params._meta name different revisions",
                      first.id);
  }
  post_handshake(first);
}

std::string_view StreamableRequest::first_request_id() const {
  for (const Message& at : messages_) {
    if (at.kind == Kind::request) return at.id;
  }
  return {};
}

bool StreamableRequest::calls_disabled_tool(const Message& message) const {
  return service().hidden && message.has_name && message.method == "tools/call" &&
         service().hidden->contains(message.name);
}

bool StreamableRequest::answer_disabled_calls(RelayRequest& request, std::string& body) {
  if (!service().hidden) return false;
  std::vector<mcp::Edit> edits;
  mcp::ArrayCut cut(edits);
  bool left = false;
  for (const Message& at : messages_) {
    const bool disabled = calls_disabled_tool(at);
    cut.element(at.raw, disabled);
    left = left || !disabled;
    if (disabled) worker_.cells.add(Counter::calls_refused);
    if (disabled && at.kind == Kind::request) {
      request.own_answers.push_back(
          mcp::error_body(at.id, mcp::kInvalidParams, "Unknown tool: " + std::string(at.name)));
    } else if (!disabled && at.kind == Kind::request && request.id.empty()) {
      request.id = at.id;
    }
  }
  cut.finish();
  if (edits.empty()) return false;
  if (left) {
    body = mcp::apply(in_.body, edits);
    request.body = body;
    return false;
  }
  if (request.own_answers.empty()) {
    in_.connection.send(202, in_.cors, {});
  } else if (batch_) {
    answer(route::AnswerEdit(nullptr, std::move(request.own_answers), 0).with_own({}));
  } else {
    answer(request.own_answers.front());
  }
  return true;
}

void StreamableRequest::answer(std::string_view json) {
  if (accept_.json) return in_.connection.send(200, std::string(route::kJsonFields) + in_.cors, json);
  std::string event;
  mcp::append_event(event, "message", json);
  in_.connection.send(200, "Content-Type: text/event-stream\r\n" + in_.cors, event);
}

void StreamableRequest::relay(RelayRequest& request) {
  const Message& first = messages_.front();
  request.principal = in_.principal;
  request.accept = accept_;
  request.entry = worker_.routes.directory().share(entry_);
  request.batch = batch_;
  if (request.id.empty() && request.own_answers.empty()) request.id = first_request_id();
  if (first.method == "tools/call") request.tool = first.name;
  if (request.body.empty()) request.body = in_.body;
  request.answer_fields = in_.cors;
  request.discovers = first.method == "server/discover";
  request.subscribes = request.stateless && first.method == "subscriptions/listen";
  if (request.entry->hidden) {
    for (const Message& at : messages_) request.lists_tools = request.lists_tools || at.method == "tools/list";
  }
  if (request.subscribes && request.entry->tells_tools && accept_.sse && !request.id.empty() &&
      mcp::asks_for_tools(first.params)) {
    return route::ListenRelay::start(worker_, in_.connection, request);
  }
  route::Relay::start(worker_, in_.connection, request);
}

void StreamableRequest::no_instance(std::string_view id) {
  worker_.cells.add(Counter::upstream_failures);
  in_.refuse_with(200, mcp::upstream_failure_body(id, service().service->name, {}, "no-instance",
                                                  "the service has no instance that could answer", true));
}

mcp::Context StreamableRequest::context() const {
  mcp::Context out{in_.principal, {}};
  upstream::forward_fields(out.fields, in_.fields(), service().service->options, false);
  return out;
}

}  // namespace mcpr::server
