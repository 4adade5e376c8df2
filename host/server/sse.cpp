// The legacy HTTP+SSE transport (2024-11-05) on the client side: a stream, and POSTs to the address that its first
// event names.
#include "host/mcp/error.hpp"
#include "host/mcp/headers.hpp"
#include "host/mcp/media.hpp"
#include "host/mcp/sse_writer.hpp"
#include "host/route/live_session.hpp"
#include "host/server/client_streams.hpp"
#include "host/server/front.hpp"
#include "host/session/id.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::server {

using metrics::Counter;
using net::Field;
using net::Verb;
using upstream::Directory;

namespace {

constexpr std::string_view kAccepted =
    R"({"status":"accepted","message":"Request accepted, response will be sent via SSE"})";

// A path, because clients refuse another origin than the one they called; behind a proxy that takes a prefix off, with
// it.
std::string endpoint_of(const Incoming& in, const session::Session& session, bool named) {
  const std::string_view forwarded = in.options->guard.forwarded_prefix(in.connection.peer(), in.fields());
  std::string out;
  if (in.worker.options.absolute_endpoint) {
    const bool trusted = in.options->guard.trusted(in.connection.peer());
    const std::string_view proto = trusted ? in.fields().get(Field::x_forwarded_proto) : std::string_view();
    const std::string_view host = trusted ? in.fields().get(Field::x_forwarded_host) : std::string_view();
    out.append(proto == "https" ? "https://" : "http://").append(host.empty() ? in.fields().get(Field::host) : host);
  }
  out.append(forwarded.empty() ? std::string_view(in.worker.options.context_path) : forwarded);
  out.append("/mcp/");
  if (named) out.append(percent_encode_segment(session.service())).push_back('/');
  return out.append("message?sessionId=").append(session.id());
}

}  // namespace

void serve_sse_stream(Incoming& in) {
  route::Worker& worker = in.worker;
  if (in.connection.request().verb != Verb::get) {
    return in.refuse(405, mcp::kBadRequest, "use GET here, and POST at the endpoint that the stream names", {},
                     "Allow: GET, OPTIONS\r\n");
  }
  if (!mcp::accepts(in.fields().get(Field::accept)).sse) {
    return in.refuse(406, mcp::kBadRequest, "Accept must allow text/event-stream");
  }
  const std::size_t entry = in.find_service();
  if (entry == Directory::kNone) return;
  auto session =
      std::make_shared<session::Session>(session::new_id(), worker.routes.directory().at(entry).service->name,
                                         session::ClientTransport::sse, worker.index, true, in.principal);
  session->touch(worker.now_s);
  if (!worker.shared.sessions.add(session)) {
    worker.cells.add(Counter::sessions_refused);
    return in.refuse(503, mcp::kInternalError, "the router holds as many sessions as it is allowed to");
  }
  worker.cells.add(Counter::sessions_opened);
  worker.shared.store->save(session, [](session::StoreStatus) {});
  worker.home.add(session->id(),
                  std::make_unique<route::LiveSession>(worker, session, worker.routes.directory().share(entry)));
  std::string first;
  mcp::append_event(first, "endpoint", endpoint_of(in, *session, in.target.named));
  EventStream::start_sse(worker, in.connection, session, in.cors, first);
}

void serve_sse_message(Incoming& in) {
  route::Worker& worker = in.worker;
  if (in.connection.request().verb != Verb::post) {
    return in.refuse(405, mcp::kBadRequest, "use POST", {}, "Allow: POST, OPTIONS\r\n");
  }
  const std::string_view id =
      in.target.session_id.empty() ? in.fields().get(Field::mcp_session_id) : in.target.session_id;
  if (id.empty()) return in.refuse(400, mcp::kBadRequest, "the sessionId parameter is missing");
  if (!mcp::valid_session_id(id)) return in.refuse(400, mcp::kBadRequest, "not a session id");
  if (!mcp::is_json(in.fields().get(Field::content_type))) {
    return in.refuse(415, mcp::kBadRequest, "Content-Type must be application/json");
  }
  const session::SessionPtr session = worker.shared.sessions.find(id);
  if (!session) return ParkedRequest::load(in, id);
  if (session->ended() || session->transport() != session::ClientTransport::sse ||
      (in.target.named && session->service() != in.target.service) || session->owner() != in.principal) {
    return in.refuse(404, mcp::kSessionNotFound, "there is no such session");
  }
  const mcp::Peeked peeked = worker.peeker.read(in.body);
  if (peeked.error != mcp::PeekError::none) {
    return in.refuse(400, peeked.error == mcp::PeekError::parse ? mcp::kParseError : mcp::kInvalidRequest,
                     peeked.detail, peeked.id);
  }
  worker.cells.add(Counter::messages_in, worker.peeker.messages().size());
  session->touch(worker.now_s);
  mcp::Context context{in.principal, {}};
  if (const std::size_t entry = worker.routes.directory().find(session->service()); entry != Directory::kNone) {
    worker.routes.directory().at(entry).use();
    upstream::forward_fields(context.fields, in.fields(), worker.routes.directory().at(entry).service->options, false);
  }
  std::string body(in.body);
  // 202 at once: the answer comes on the stream.
  in.connection.send(202, std::string("Content-Type: application/json\r\n") + in.cors, kAccepted);
  worker.shared.workers[session->home()]->home.post(
      session->id(), [body = std::move(body), context = std::move(context)](session::Live* live) mutable {
        if (live) static_cast<route::LiveSession*>(live)->receive(std::move(body), {}, context);
      });
}

}  // namespace mcpr::server
