#include "host/route/session_end.hpp"

#include "host/upstream/goodbye.hpp"

namespace mcpr::route {

namespace {

void close_streams(Worker& worker, const session::Session* session) {
  for (;;) {
    const auto found = worker.streams.find(session);
    if (found == worker.streams.end()) return;
    SessionStream* stream = found->second;
    worker.streams.erase(found);
    stream->close_stream();
  }
}

}  // namespace

void end_session(Worker& from, const session::SessionPtr& session, EndCause cause, std::string_view reason) {
  if (!session->end()) return;
  using metrics::Counter;
  from.cells.add(cause == EndCause::expired ? Counter::sessions_expired : Counter::sessions_closed);
  from.shared.sessions.remove(session->id());
  from.shared.store->remove(session->id(), [](session::StoreStatus) {});
  if (cause != EndCause::upstream && !session->live()) {  // live sessions end their own links
    const auto upstream = session->upstream(session->service());
    const std::size_t entry = from.routes.directory().find(session->service());
    if (upstream && !upstream->id.empty() && entry != upstream::Directory::kNone) {
      const auto instance = upstream::Routes::find(from.routes.directory().at(entry), upstream->instance);
      if (instance && !instance->sse()) {
        upstream::say_goodbye(from.origins, instance, upstream->id, upstream->protocol_version);
      }
    }
  }
  // By the loops, also on this thread: whoever ends a session may be one of its streams.
  for (Worker* worker : from.shared.workers) {
    if (worker->index == session->home()) {
      worker->loop.post([worker, session, text = std::string(reason)] {
        worker->home.remove(session->id(), text);
        close_streams(*worker, session.get());
      });
    } else if (session->streams() > 0) {
      worker->loop.post([worker, session] { close_streams(*worker, session.get()); });
    }
  }
}

void expire_sessions(Worker& from) {
  const std::uint32_t now = from.shared.seconds();
  if (now <= from.options.session_ttl_s) return;
  for (const session::SessionPtr& session : from.shared.sessions.idle_since(now - from.options.session_ttl_s)) {
    end_session(from, session, EndCause::expired, "the session was idle for too long");
  }
}

}  // namespace mcpr::route
