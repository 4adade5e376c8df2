// Streamable HTTP of the handshake era (up to 2025-11-25).
#include <algorithm>

#include "host/mcp/error.hpp"
#include "host/mcp/headers.hpp"
#include "host/mcp/version.hpp"
#include "host/route/live_session.hpp"
#include "host/route/relay.hpp"
#include "host/route/session_end.hpp"
#include "host/server/client_streams.hpp"
#include "host/server/streamable_request.hpp"
#include "host/session/id.hpp"

namespace mcpr::server {

using mcp::Kind;
using metrics::Counter;
using net::Field;
using route::Relay;
using route::RelayRequest;

void StreamableRequest::post_handshake(const Message& first) {
  const bool opens = std::any_of(messages_.begin(), messages_.end(), [](const Message& at) {
    return at.kind == Kind::request && at.method == "initialize";
  });
  if (opens) {
    if (batch_) return in_.refuse(400, mcp::kInvalidRequest, "initialize must not stand in a batch");
    return initialize(first);
  }
  if (!in_.fields().has(Field::mcp_session_id)) {
    if (first.method == "server/discover" && !upstream::speaks(service(), catalog::era_stateless)) {
      return in_.refuse(404, mcp::kMethodNotFound, "this service speaks the handshake era only: send initialize",
                        first.id);
    }
    if (first.method == "server/discover") {
      return in_.refuse(400, mcp::kHeaderMismatch, "the MCP-Protocol-Version header is missing", first.id);
    }
    return in_.refuse(400, mcp::kBadRequest, "the Mcp-Session-Id header is missing: send initialize first",
                      first_request_id());
  }
  with_session([](StreamableRequest& self) { self.post_in_session(); });
}

void StreamableRequest::initialize(const Message& message) {
  if (!upstream::speaks(service(), catalog::era_handshake)) {
    return in_.refuse_with(
        400, mcp::error_body(message.id, mcp::kUnsupportedVersion,
                             "this service speaks protocol revision 2026-07-28 only, which has no initialize",
                             R"({"supported":["2026-07-28"]})"));
  }
  const auto instance =
      worker_.routes.pick(entry_, {catalog::era_handshake, worker_.shared.sessions.size(), 0, nullptr});
  if (!instance) return no_instance(message.id);
  if (instance->sse()) return initialize_live(message);
  RelayRequest request;
  request.kind = RelayRequest::Kind::initialize;
  request.instance = instance;
  relay(request);
}

// The instance speaks the legacy SSE transport: the session is handled message by message, here.
void StreamableRequest::initialize_live(const Message& message) {
  auto session =
      std::make_shared<session::Session>(session::new_id(), service().service->name,
                                         session::ClientTransport::streamable, worker_.index, true, in_.principal);
  session->touch(worker_.now_s);
  if (!worker_.shared.sessions.add(session)) {
    worker_.cells.add(Counter::sessions_refused);
    return in_.refuse(503, mcp::kInternalError, "the router holds as many sessions as it is allowed to", message.id);
  }
  worker_.cells.add(Counter::sessions_opened);
  auto live = std::make_unique<route::LiveSession>(worker_, session, worker_.routes.directory().share(entry_));
  route::LiveSession& home = *live;
  worker_.home.add(session->id(), std::move(live));
  const std::string fields = in_.cors + "Mcp-Session-Id: " + session->id() + "\r\n";
  const route::ClientRef answer = PostAnswer::start(worker_, in_.connection, session, fields, 1, accept_);
  home.receive(std::string(in_.body), answer, context());
}

void StreamableRequest::post_in_session() {
  if (batch_ && !mcp::batches(session_->protocol_version())) {
    return in_.refuse(400, mcp::kInvalidRequest, "the protocol revision of this session has no batches");
  }
  if (session_->live()) return post_live();
  RelayRequest request;
  std::string body;
  if (answer_disabled_calls(request, body)) return;
  request.session = session_;
  request.upstream = session_->upstream(session_->service());
  request.instance = request.upstream ? upstream::Routes::find(service(), request.upstream->instance) : nullptr;
  if (!request.instance) {
    route::end_session(worker_, session_, route::EndCause::upstream, "its instance has gone");
    return in_.refuse(404, mcp::kSessionNotFound, "the session's instance has gone: send initialize again");
  }
  relay(request);
}

void StreamableRequest::post_live() {
  const auto requests = static_cast<unsigned>(
      std::count_if(messages_.begin(), messages_.end(), [](const Message& at) { return at.kind == Kind::request; }));
  route::ClientRef answer;
  mcp::Context context = this->context();
  std::string body(in_.body);
  if (requests == 0) {
    in_.connection.send(202, in_.cors, {});
  } else {
    answer = PostAnswer::start(worker_, in_.connection, session_, in_.cors, requests, accept_);
  }
  route::Worker* from = &worker_;
  worker_.shared.workers[session_->home()]->home.post(
      session_->id(),
      [from, answer, body = std::move(body), context = std::move(context)](session::Live* live) mutable {
        if (live) return static_cast<route::LiveSession*>(live)->receive(std::move(body), answer, context);
        if (answer) from->loop.post([from, answer] { route::close_client(*from, answer, "the session has ended"); });
      });
}

void StreamableRequest::get() {
  if (mcp::stateless(version_))
    return in_.refuse(405, mcp::kBadRequest, "this protocol revision has no GET", {}, "Allow: POST\r\n");
  if (!version_.empty() && !mcp::known(version_))
    return in_.refuse_with(400, mcp::unsupported_version_body({}, version_));
  if (!upstream::speaks(service(), catalog::era_handshake)) {
    return in_.refuse(405, mcp::kBadRequest, "this service has no sessions", {}, "Allow: POST\r\n");
  }
  if (!mcp::accepts(in_.fields().get(Field::accept)).sse) {
    return in_.refuse(406, mcp::kBadRequest, "Accept must allow text/event-stream");
  }
  if (!in_.fields().has(Field::mcp_session_id))
    return in_.refuse(400, mcp::kBadRequest, "the Mcp-Session-Id header is missing");
  with_session([](StreamableRequest& self) { self.listen(); });
}

void StreamableRequest::listen() {
  const bool resumed = in_.fields().has(Field::last_event_id);
  if (!session_->add_stream(worker_.options.max_streams)) {
    worker_.cells.add(Counter::streams_refused);
    return in_.refuse(429, mcp::kBadRequest, "the session has as many streams as it is allowed to");
  }
  if (!resumed && !session_->open_stream()) {
    session_->drop_stream();
    return in_.refuse(409, mcp::kBadRequest, "the session has a stream already");
  }
  if (session_->live()) {
    EventStream::start(worker_, in_.connection, session_, in_.cors, resumed);
    return;
  }
  RelayRequest request;
  request.kind = RelayRequest::Kind::listen;
  request.standalone = !resumed;
  request.session = session_;
  request.upstream = session_->upstream(session_->service());
  request.instance = request.upstream ? upstream::Routes::find(service(), request.upstream->instance) : nullptr;
  if (!request.instance) {
    session_->drop_stream();
    if (!resumed) session_->close_stream();
    route::end_session(worker_, session_, route::EndCause::upstream, "its instance has gone");
    return in_.refuse(404, mcp::kSessionNotFound, "the session's instance has gone: send initialize again");
  }
  request.entry = worker_.routes.directory().share(entry_);
  request.answer_fields = in_.cors;
  Relay::start(worker_, in_.connection, request);
}

void StreamableRequest::del() {
  if (mcp::stateless(version_))
    return in_.refuse(405, mcp::kBadRequest, "this protocol revision has no DELETE", {}, "Allow: POST\r\n");
  if (!in_.fields().has(Field::mcp_session_id))
    return in_.refuse(400, mcp::kBadRequest, "the Mcp-Session-Id header is missing");
  with_session([](StreamableRequest& self) {
    route::end_session(self.worker_, self.session_, route::EndCause::client, "the client ended the session");
    self.in_.connection.send(204, self.in_.cors, {});
  });
}

void StreamableRequest::with_session(void (*then)(StreamableRequest&)) {
  const std::string_view id = in_.fields().get(Field::mcp_session_id);
  if (!mcp::valid_session_id(id)) return in_.refuse(400, mcp::kBadRequest, "not a session id");
  session_ = worker_.shared.sessions.find(id);
  if (session_) return check_session(then);
  ParkedRequest::load(in_, id);
}

void StreamableRequest::check_session(void (*then)(StreamableRequest&)) {
  if (session_->ended() || session_->transport() != session::ClientTransport::streamable ||
      session_->service() != service().service->name || session_->owner() != in_.principal) {
    return in_.refuse(404, mcp::kSessionNotFound, "there is no such session", first_request_id());
  }
  session_->touch(worker_.now_s);
  then(*this);
}

}  // namespace mcpr::server
