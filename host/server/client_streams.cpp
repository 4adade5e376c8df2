#include "host/server/client_streams.hpp"

#include "host/mcp/error.hpp"
#include "host/mcp/sse_writer.hpp"
#include "host/route/live_session.hpp"
#include "host/route/session_end.hpp"

namespace mcpr::server {

using metrics::Counter;

namespace {

constexpr std::string_view kEventStream =
    "Content-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";
constexpr std::string_view kJson = "Content-Type: application/json\r\n";

void at_home(route::Worker& worker, const session::SessionPtr& session,
             UniqueFunction<void(route::LiveSession&)> task) {
  worker.shared.workers[session->home()]->home.post(session->id(),
                                                    [task = std::move(task)](session::Live* live) mutable {
                                                      if (live) task(*static_cast<route::LiveSession*>(live));
                                                    });
}

}  // namespace

// --- EventStream ---

void EventStream::start(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                        std::string_view fields, bool resumed) {
  auto self = std::make_unique<EventStream>(worker, connection, std::move(session), false, !resumed);
  EventStream& stream = *self;
  stream.self_ = std::move(self);
  stream.open(fields, {}, resumed);
}

void EventStream::start_sse(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                            std::string_view fields, std::string_view first) {
  auto self = std::make_unique<EventStream>(worker, connection, std::move(session), true, false);
  EventStream& stream = *self;
  stream.self_ = std::move(self);
  stream.open(fields, first, false);
}

EventStream::EventStream(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session, bool sse,
                         bool standalone)
    : worker_(worker), connection_(&connection), session_(std::move(session)), sse_(sse), standalone_(standalone) {
  connection.set_owner(this);
  ref_ = worker.add_client(*this);
}

EventStream::~EventStream() {
  worker_.drop_client(ref_);
  if (!sse_) session_->drop_stream();
  if (standalone_) session_->close_stream();
}

void EventStream::open(std::string_view fields, std::string_view first, bool resumed) {
  connection_->begin_stream(200, std::string(kEventStream).append(fields));
  connection_->heartbeat_every(worker_.options.heartbeat_s);
  if (!first.empty()) connection_->stream(first);
  at_home(worker_, session_, [ref = ref_, resumed](route::LiveSession& live) { live.attach(ref, resumed); });
}

void EventStream::on_message(std::string_view json, bool) {
  if (!connection_) return;
  // A client that reads too slowly is let go rather than kept in memory: its queue was full before this message.
  if (full_) {
    worker_.cells.add(Counter::messages_dropped);
    std::exchange(connection_, nullptr)->abort();
    return leave();
  }
  std::string event;
  mcp::append_event(event, "message", json);
  full_ = !connection_->stream(event);
}

void EventStream::on_close(std::string_view) {
  if (connection_) std::exchange(connection_, nullptr)->end_stream();
  const std::unique_ptr<EventStream> last = std::move(self_);
}

void EventStream::on_client_gone() {
  connection_ = nullptr;
  leave();
}

void EventStream::on_heartbeat() {
  worker_.cells.add(Counter::heartbeats);
  session_->touch(worker_.now_s);
}

void EventStream::leave() {
  if (sse_) {
    route::end_session(worker_, session_, route::EndCause::client, "the client closed its stream");
  } else {
    at_home(worker_, session_, [ref = ref_](route::LiveSession& live) { live.detach(ref); });
  }
  const std::unique_ptr<EventStream> last = std::move(self_);
}

// --- PostAnswer ---

route::ClientRef PostAnswer::start(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                                   std::string_view fields, unsigned requests, mcp::Acceptable accept) {
  auto self = std::make_unique<PostAnswer>(worker, connection, std::move(session), fields, requests, accept);
  PostAnswer& answer = *self;
  answer.self_ = std::move(self);
  return answer.ref_;
}

PostAnswer::PostAnswer(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                       std::string_view fields, unsigned requests, mcp::Acceptable accept)
    : worker_(worker),
      connection_(&connection),
      session_(std::move(session)),
      fields_(fields),
      waiting_(requests),
      accept_(accept) {
  connection.set_owner(this);
  ref_ = worker.add_client(*this);
}

void PostAnswer::on_message(std::string_view json, bool last) {
  if (!connection_) return;
  if (last && waiting_ > 0) --waiting_;
  const bool end = last && waiting_ == 0;
  if (!streaming_ && end && batch_.empty() && accept_.json) {
    connection_->send(200, std::string(kJson) + fields_, json);
  } else if (!accept_.sse) {
    // Only JSON is understood: what is not an answer cannot be told.
    if (last) batch_.append(batch_.empty() ? "[" : ",").append(json);
    if (!end) return;
    connection_->send(200, std::string(kJson) + fields_, batch_ + "]");
  } else {
    std::string event;
    mcp::append_event(event, "message", json);
    if (!streaming_) {
      streaming_ = true;
      connection_->begin_stream(200, std::string(kEventStream) + fields_, net::HttpConnection::kNoLength, event);
      connection_->heartbeat_every(worker_.options.heartbeat_s);
      event.clear();
    }
    if (!end) {
      connection_->stream(event);
      return;
    }
    connection_->end_stream(event);
  }
  const std::unique_ptr<PostAnswer> done = std::move(self_);
}

void PostAnswer::on_close(std::string_view reason) {
  if (connection_) {
    if (streaming_) {
      connection_->end_stream();
    } else {
      connection_->send(404, std::string(kJson) + fields_, mcp::error_body({}, mcp::kSessionNotFound, reason));
    }
  }
  const std::unique_ptr<PostAnswer> done = std::move(self_);
}

void PostAnswer::on_client_gone() {
  connection_ = nullptr;
  at_home(worker_, session_, [ref = ref_](route::LiveSession& live) { live.client_gone(ref); });
  const std::unique_ptr<PostAnswer> done = std::move(self_);
}

// --- ParkedRequest ---

ParkedRequest::ParkedRequest(Incoming& in)
    : worker_(in.worker),
      connection_(&in.connection),
      options_(in.options),
      target_(in.target),
      cors_(in.cors),
      principal_(in.principal) {
  body_ = in.connection.hold_request();
  in.connection.set_owner(this);
}

void ParkedRequest::load(Incoming& in, std::string_view session_id) {
  auto self = std::make_unique<ParkedRequest>(in);
  ParkedRequest& parked = *self;
  parked.self_ = std::move(self);
  const std::string id(session_id);
  // The store calls back exactly once: the parked request is kept until then, though the client may have left.
  parked.worker_.shared.store->load(id, [&parked](session::StoreStatus status, session::SessionPtr session) {
    parked.loaded(status, std::move(session));
  });
}

void ParkedRequest::on_client_gone() { connection_ = nullptr; }

void ParkedRequest::loaded(session::StoreStatus status, session::SessionPtr session) {
  const std::unique_ptr<ParkedRequest> self = std::move(self_);
  if (!connection_) return;
  Incoming in{worker_, *connection_, options_, target_, body_, cors_, principal_};
  connection_->set_owner(nullptr);
  if (status == session::StoreStatus::ok && session && worker_.shared.sessions.add(session)) {
    return target_.endpoint == Endpoint::message ? serve_sse_message(in) : serve_streamable(in);
  }
  if (status == session::StoreStatus::delayed) {
    return in.refuse(503, mcp::kInternalError, "the session store cannot be reached", {}, "Retry-After: 1\r\n");
  }
  in.refuse(404, mcp::kSessionNotFound, "there is no such session: send initialize again", in.request_id());
}

}  // namespace mcpr::server
