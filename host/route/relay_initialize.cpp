// The relay of an `initialize`: its answer is held until the session is made and stored.
#include "host/mcp/error.hpp"
#include "host/mcp/event_editor.hpp"
#include "host/mcp/tell_changes.hpp"
#include "host/route/answer_finder.hpp"
#include "host/route/relay.hpp"
#include "host/route/session_end.hpp"
#include "host/session/id.hpp"
#include "host/upstream/goodbye.hpp"

namespace mcpr::route {

using metrics::Counter;

// True: all is done and the relay can go.
bool Relay::read_initialize(bool whole) {
  AnswerFinder finder(worker_.peeker, worker_.options.max_initialize);
  finder.read(kept_, event_stream_, whole);
  if (finder.answers.empty() && !whole) return false;
  if (!client_) {  // nobody waits for the session any more
    if (!upstream_id_.empty()) upstream::say_goodbye(worker_.origins, instance_, upstream_id_, {});
    cancel();
    return true;
  }
  if (finder.facts) {
    open_session(*finder.facts);
    return false;
  }
  deciding_ = false;
  std::string kept;
  kept.swap(kept_);
  if (whole) {
    send_whole(kept);
    return true;
  }
  pass(kept);
  return false;
}

void Relay::open_session(const mcp::ServerFacts& facts) {
  auto session = std::make_shared<session::Session>(
      session::new_id(), entry_->service->name, session::ClientTransport::streamable, worker_.index, false, principal_);
  session->touch(worker_.now_s);
  session->set_handshake(std::move(initialize_), facts.protocol_version);
  session->replace(std::make_shared<session::UpstreamSession>(session::UpstreamSession{
                       entry_->service->name, instance_->id(), upstream_id_, facts.protocol_version, 1}),
                   0);
  const bool add = entry_->tells_tools && facts.tools && !facts.tools_list_changed;
  if (add) add_list_changed();
  if (add || facts.tools_list_changed) session->will_hear_of_tools(entry_->tools_revision);
  if (!worker_.shared.sessions.add(session)) {
    worker_.cells.add(Counter::sessions_refused);
    if (!upstream_id_.empty()) upstream::say_goodbye(worker_.origins, instance_, upstream_id_, {});
    cancel();
    refuse(503, mcp::error_body(id_, mcp::kInternalError, "the router holds as many sessions as it is allowed to"));
    return finish();
  }
  worker_.cells.add(Counter::sessions_opened);
  alive_ = std::make_shared<char>();
  // The client hears of its session when the store has it, or cannot be reached in time.
  worker_.shared.store->save(session, [this, session, alive = std::weak_ptr(alive_)](session::StoreStatus) {
    if (alive.expired()) return;
    alive_.reset();
    deciding_ = false;
    if (!client_) {
      end_session(worker_, session, EndCause::client, "the client went away");
      if (complete_) finish();
      return;
    }
    fields_.append("Mcp-Session-Id: ").append(session->id()).append("\r\n");
    std::string kept;
    kept.swap(kept_);
    if (complete_) {
      send_whole(kept);
      finish();
    } else {
      pass(kept);
    }
  });
}

// The stage "listChanged" over what has come of the answer to `initialize`, with the result in it.
void Relay::add_list_changed() {
  mcp::TellChanges stage;
  std::string out;
  if (event_stream_) {
    mcp::EventEditor editor(stage, kept_.size());
    editor.feed(kept_, out);
    kept_ = out.append(editor.rest());
  } else if (stage.edit(kept_, out) == mcp::Verdict::changed) {
    kept_ = std::move(out);
  }
  resized_ = true;
}

}  // namespace mcpr::route
