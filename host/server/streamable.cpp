// Streamable HTTP on the client side, both eras on one URL.
#include <algorithm>

#include "host/mcp/error.hpp"
#include "host/mcp/headers.hpp"
#include "host/mcp/media.hpp"
#include "host/mcp/version.hpp"
#include "host/route/live_session.hpp"
#include "host/route/relay.hpp"
#include "host/route/session_end.hpp"
#include "host/server/client_streams.hpp"
#include "host/server/front.hpp"
#include "host/session/id.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::server {

using mcp::Kind;
using mcp::Message;
using metrics::Counter;
using net::Field;
using net::Verb;
using route::Relay;
using route::RelayRequest;
using upstream::Directory;

namespace {

// Methods whose Mcp-Name must say what params.name, uri or taskId says (2026-07-28, "Standard request headers").
bool named_method(std::string_view method) {
  return method == "tools/call" || method == "resources/read" || method == "prompts/get" || method == "tasks/get" ||
         method == "tasks/update" || method == "tasks/cancel";
}

std::string_view first_request_id(std::span<const Message> messages) {
  for (const Message& at : messages) {
    if (at.kind == Kind::request) return at.id;
  }
  return {};
}

class StreamableRequest {
 public:
  explicit StreamableRequest(Incoming& in) : in_(in), worker_(in.worker) {}

  void serve() {
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

 private:
  static constexpr std::string_view kAllow = "Allow: POST, GET, DELETE, OPTIONS\r\n";

  const upstream::ServiceEntry& service() const { return worker_.routes.directory().at(entry_); }

  void post() {
    if (!mcp::is_json(in_.fields().get(Field::content_type))) {
      return in_.refuse(415, mcp::kBadRequest, "Content-Type must be application/json");
    }
    accept_ = mcp::accepts(in_.fields().get(Field::accept));
    if (!accept_.json && !accept_.sse) {
      return in_.refuse(406, mcp::kBadRequest, "Accept must allow application/json or text/event-stream");
    }
    if (!version_.empty() && !mcp::known(version_)) {
      const mcp::Peeked peeked = worker_.peeker.read(in_.body);
      const auto messages = worker_.peeker.messages();
      return in_.refuse_with(
          400, mcp::unsupported_version_body(
                   peeked.error == mcp::PeekError::none ? first_request_id(messages) : std::string_view(), version_));
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

  // --- 2026-07-28 and later ---

  void post_stateless(const Message& message) {
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
    const auto instance = worker_.routes.pick(entry_, {catalog::era_stateless, 0, 0, nullptr});
    if (!instance) return no_instance(message.id);
    RelayRequest request;
    request.stateless = true;
    request.instance = instance;
    relay(request, message);
  }

  // Header and body must say the same (-32020); an intermediary that routes by one would else be led astray by the
  // other.
  bool headers_match(const Message& message) {
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

  // --- up to 2025-11-25 ---

  void post_handshake(const Message& first) {
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
                        first_request_id(messages_));
    }
    with_session([](StreamableRequest& self) { self.post_in_session(); });
  }

  void initialize(const Message& message) {
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
    relay(request, message);
  }

  // The instance speaks the legacy SSE transport: the session is handled message by message, here.
  void initialize_live(const Message& message) {
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

  void post_in_session() {
    if (batch_ && !mcp::batches(session_->protocol_version())) {
      return in_.refuse(400, mcp::kInvalidRequest, "the protocol revision of this session has no batches");
    }
    if (session_->live()) return post_live();
    RelayRequest request;
    request.session = session_;
    request.upstream = session_->upstream(session_->service());
    request.instance = request.upstream ? upstream::Routes::find(service(), request.upstream->instance) : nullptr;
    if (!request.instance) {
      route::end_session(worker_, session_, route::EndCause::upstream, "its instance has gone");
      return in_.refuse(404, mcp::kSessionNotFound, "the session's instance has gone: send initialize again");
    }
    relay(request, messages_.front());
  }

  void post_live() {
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

  void get() {
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

  void listen() {
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

  void del() {
    if (mcp::stateless(version_))
      return in_.refuse(405, mcp::kBadRequest, "this protocol revision has no DELETE", {}, "Allow: POST\r\n");
    if (!in_.fields().has(Field::mcp_session_id))
      return in_.refuse(400, mcp::kBadRequest, "the Mcp-Session-Id header is missing");
    with_session([](StreamableRequest& self) {
      route::end_session(self.worker_, self.session_, route::EndCause::client, "the client ended the session");
      self.in_.connection.send(204, self.in_.cors, {});
    });
  }

  // --- common ---

  // Goes on with the session that the request names, or refuses. The store is asked only for a session that this router
  // does not know.
  void with_session(void (*then)(StreamableRequest&)) {
    const std::string_view id = in_.fields().get(Field::mcp_session_id);
    if (!mcp::valid_session_id(id)) return in_.refuse(400, mcp::kBadRequest, "not a session id");
    session_ = worker_.shared.sessions.find(id);
    if (session_) return check_session(then);
    ParkedRequest::load(in_, id);
  }

  void check_session(void (*then)(StreamableRequest&)) {
    if (session_->ended() || session_->transport() != session::ClientTransport::streamable ||
        session_->service() != service().service->name || session_->owner() != in_.principal) {
      return in_.refuse(404, mcp::kSessionNotFound, "there is no such session", first_request_id(messages_));
    }
    session_->touch(worker_.now_s);
    then(*this);
  }

  void relay(RelayRequest& request, const Message& first) {
    request.principal = in_.principal;
    request.accept = accept_;
    request.entry = worker_.routes.directory().share(entry_);
    request.id = first_request_id(messages_);
    if (first.method == "tools/call") request.tool = first.name;
    request.body = in_.body;
    request.answer_fields = in_.cors;
    Relay::start(worker_, in_.connection, request);
  }

  void no_instance(std::string_view id) {
    worker_.cells.add(Counter::upstream_failures);
    in_.refuse_with(200, mcp::upstream_failure_body(id, service().service->name, {}, "no-instance",
                                                    "the service has no instance that could answer", true));
  }

  mcp::Context context() const {
    mcp::Context out{in_.principal, {}};
    upstream::forward_fields(out.fields, in_.fields(), service().service->options, false);
    return out;
  }

  Incoming& in_;
  route::Worker& worker_;
  std::string_view version_;
  std::size_t entry_ = Directory::kNone;
  mcp::Acceptable accept_{};
  bool batch_ = false;
  std::span<const Message> messages_;
  session::SessionPtr session_;
};

}  // namespace

void serve_streamable(Incoming& in) { StreamableRequest(in).serve(); }

}  // namespace mcpr::server
