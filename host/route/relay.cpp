#include "host/route/relay.hpp"

#include "host/mcp/error.hpp"
#include "host/mcp/hide_tools.hpp"
#include "host/mcp/sse_writer.hpp"
#include "host/mcp/tell_changes.hpp"
#include "host/route/answer_finder.hpp"
#include "host/route/session_end.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::route {

using metrics::Counter;
using net::Field;

namespace {

constexpr std::size_t kGather = 32 * 1024;  // beyond it a piece goes on alone: copying would cost more than a write

std::unique_ptr<AnswerEdit> edit_of(const RelayRequest& request, std::size_t most) {
  std::unique_ptr<mcp::EditStage> stage;
  if (request.entry->hidden && (request.lists_tools || request.kind == RelayRequest::Kind::listen)) {
    stage = std::make_unique<mcp::HideTools>(request.entry->hidden);
  } else if (request.discovers && request.entry->tells_tools) {
    stage = std::make_unique<mcp::TellChanges>();
  }
  if (!stage && request.own_answers.empty()) return nullptr;
  return std::make_unique<AnswerEdit>(std::move(stage), request.own_answers, most);
}

}  // namespace

void Relay::start(Worker& worker, net::HttpConnection& client, const RelayRequest& request) {
  auto self = std::make_unique<Relay>(worker, client, request);
  Relay& relay = *self;
  relay.self_ = std::move(self);
  forward(worker, client.request().headers, request, relay);
}

Relay::Relay(Worker& worker, net::HttpConnection& client, const RelayRequest& request)
    : worker_(worker),
      client_(&client),
      kind_(request.kind),
      stateless_(request.stateless),
      standalone_(request.standalone),
      batch_(request.batch),
      accept_(request.accept),
      principal_(request.principal),
      deciding_(request.kind == RelayRequest::Kind::initialize),
      entry_(request.entry),
      instance_(request.instance),
      session_(request.session),
      id_(request.id),
      own_fields_(request.answer_fields),
      fields_(request.answer_fields),
      begun_(net::Clock::now()),
      edit_(edit_of(request, worker.options.max_answer)) {
  client.set_owner(this);
  if (deciding_) initialize_.assign(request.body);
  if (!listens()) return;
  worker_.streams.emplace(session_.get(), static_cast<SessionStream*>(this));
  if (session_->hears_of_tools()) worker_.watch_tools(*this, session_->service(), session_->tools_known());
}

Relay::~Relay() {
  if (!listens()) return;
  const auto [first, last] = worker_.streams.equal_range(session_.get());
  for (auto at = first; at != last; ++at) {
    if (at->second != this) continue;
    worker_.streams.erase(at);
    break;
  }
  session_->drop_stream();
  if (standalone_) session_->close_stream();
}

void Relay::on_response(net::ResponseHead& head) {
  status_ = head.status;
  if (listens() && status_ == 405 && session_->hears_of_tools()) {
    alone_ = true;
    return;
  }
  event_stream_ = mcp::is_event_stream(head.headers.get(Field::content_type));
  if (status_ >= 300) edit_.reset();  // no listing; and what the instance refuses it refuses
  if (edit_ && edit_->has_own() && status_ == 202) {
    // None of the other messages waits for an answer: the router's own are all there is.
    status_ = 200;
    event_stream_ = false;
    convert_ = !accept_.json;
    whole_ = true;
    if (!convert_) fields_.append(kJsonFields);
    return;
  }
  convert_ = status_ == 200 && (event_stream_ ? !accept_.sse : !accept_.json);
  whole_ = convert_ || (edit_ && !event_stream_);
  resized_ = edit_ != nullptr;
  if (edit_ && !whole_) edit_->feed({}, gathered_);
  upstream::answer_fields(fields_, head.headers, !convert_);
  if (deciding_) {
    upstream_id_.assign(head.headers.get(Field::mcp_session_id));
    if (status_ != 200) deciding_ = false;
  }
  if (event_stream_ && !convert_ && head.headers.find("x-accel-buffering").empty())
    fields_.append("X-Accel-Buffering: no\r\n");
}

void Relay::on_body(std::string_view piece) {
  if (alone_) return;
  worker_.cells.add(Counter::bytes_out, piece.size());
  if (deciding_ || whole_) {
    if (kept_.size() + piece.size() > (deciding_ ? worker_.options.max_initialize : worker_.options.max_answer)) {
      return fail({mcp::ExchangeEnd::Cause::failed, true, "too-large", "the answer is larger than the router takes"});
    }
    kept_.append(piece);
    return;
  }
  if (edit_) {
    if (!edit_->feed(piece, gathered_)) return cannot_be_read();
    if (gathered_.size() > kGather) pass_waiting();
    return;
  }
  if (waiting().size() + piece.size() > kGather) pass_waiting();
  if (held_.empty() && gathered_.empty()) {
    held_ = piece;
    return;
  }
  gathered_.append(std::exchange(held_, {})).append(piece);
}

void Relay::pass_waiting() {
  const std::string_view piece = waiting();
  if (!piece.empty() || !opened_) pass(piece);
  held_ = {};
  gathered_.clear();
}

void Relay::on_flush() {
  if (whole_ || alone_) return;
  if (deciding_) {
    if (!alive_ && read_initialize(false)) finish();
    return;
  }
  pass_waiting();
}

void Relay::on_done() {
  if (alone_) return open_alone();
  if (deciding_) {
    complete_ = true;
    if (alive_) return;  // the store has the word
    if (read_initialize(true)) finish();
    return;
  }
  if (client_) {
    if (opened_) {
      client_->end_stream(waiting());
    } else if (!send_whole(whole_ ? std::string_view(kept_) : waiting())) {
      return cannot_be_read();
    }
  }
  const auto took = net::Clock::now() - begun_;
  if (!listens()) {
    worker_.cells.latency(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  }
  // 404 to a request that carried the session's id: the instance has forgotten it. The client hears it and starts anew.
  if (status_ == 404 && session_ && !stateless_) {
    end_session(worker_, session_, EndCause::upstream, "the instance no longer knows the session");
  }
  finish();
}

void Relay::pass(std::string_view piece) {
  if (!client_) return;
  if (!opened_) {
    opened_ = true;
    const std::uint64_t length = resized_ ? kUnknown : body_length();
    client_->begin_stream(status_, fields_, length == kUnknown ? net::HttpConnection::kNoLength : length, piece);
    if (event_stream_) client_->heartbeat_every(worker_.options.heartbeat_s);
  } else if (!client_->stream(piece)) {
    full_ = true;
    pause();
  }
  tell_of_tools();
}

// The client's stream of a session that the instance has no stream for: what the router itself has to say goes there.
void Relay::open_alone() {
  if (!client_) return finish();
  opened_ = event_stream_ = true;
  client_->begin_stream(200, std::string(kEventStreamFields) + own_fields_);
  client_->heartbeat_every(worker_.options.heartbeat_s);
  tell_of_tools();
}

void Relay::on_tools_changed(std::uint64_t revision) {
  tools_due_ = true;
  tools_revision_ = revision;
  tell_of_tools();
}

// Between two events of the instance's, and on one stream of the session only.
void Relay::tell_of_tools() {
  if (!tools_due_ || !opened_ || !client_ || full_ || !event_stream_ || !client_->between_events()) return;
  tools_due_ = false;
  if (!session_->tell_of_tools(tools_revision_)) return;
  worker_.cells.add(Counter::tool_notices);
  std::string event;
  mcp::append_event(event, "message", mcp::kToolListChanged);
  if (client_->stream(event)) return;
  full_ = true;
  pause();
}

// The last words to the client, in the form that it accepts. False: they must not be said, edit_ knows why.
bool Relay::send_whole(std::string_view body) {
  std::string changed;
  if (convert_ && event_stream_) {
    if (!as_json(body, changed)) return false;
    client_->send(status_, std::string(kJsonFields) + fields_, changed);
    return true;
  }
  if (edit_ && whole_) {  // of a stream each event has been edited as it came
    if (!body.empty() && !edit_->edit(body, changed)) return false;
    if (edit_->has_own()) changed = edit_->with_own(changed);
    body = changed;
  }
  if (!convert_) {
    client_->send(status_, fields_, body);
    return true;
  }
  std::string event;
  mcp::append_event(event, "message", body);
  client_->send(status_, "Content-Type: text/event-stream\r\n" + fields_, event);
  return true;
}

bool Relay::as_json(std::string_view events, std::string& out) {
  AnswerFinder finder(worker_.peeker, worker_.options.max_answer);
  finder.read(events, true, true);
  if (finder.answers.empty()) {
    out = failure_body({mcp::ExchangeEnd::Cause::failed, true, "protocol", "the answer ended before the response"});
    return true;
  }
  if (!batch_) finder.answers.erase(finder.answers.begin(), finder.answers.end() - 1);
  for (const std::string& answer : finder.answers) {
    std::string edited;
    if (edit_ && !edit_->edit(answer, edited)) return false;
    out.append(out.empty() ? "" : ",").append(edit_ ? edited : answer);
  }
  if (batch_) out = "[" + out + "]";
  if (edit_ && edit_->has_own()) out = edit_->with_own(out);
  return true;
}

// Nobody knows whether a hidden tool is in what has come: the client gets none of it.
void Relay::cannot_be_read() {
  fail({mcp::ExchangeEnd::Cause::failed, true, edit_->too_big() ? "too-large" : "protocol",
        "the answer may hold tools that are disabled, and cannot be read: " + edit_->error()});
}

void Relay::on_failed(const net::HttpFailure& failure) {
  if (alone_) return open_alone();
  fail(upstream::end_of(failure));
}

std::string Relay::failure_body(const mcp::ExchangeEnd& why) const {
  std::string out = mcp::upstream_failure_body(id_, instance_->service(), instance_->id(), why.reason, why.text,
                                               !why.may_have_run && !opened_);
  return edit_ && edit_->has_own() && !opened_ ? edit_->with_own(out) : out;
}

void Relay::fail(const mcp::ExchangeEnd& why) {
  cancel();
  worker_.count_failure(why);
  if (!client_) return finish();
  if (!opened_) {
    if (listens() || id_.empty()) {
      const char* what = why.reason == "protocol" || why.reason == "too-large" ? "the service cannot be understood: "
                                                                               : "the service cannot be reached: ";
      refuse(502, mcp::error_body({}, mcp::kInternalError, what + why.text));
    } else {
      refuse(200, failure_body(why));
    }
    return finish();
  }
  if (event_stream_ && !listens() && !id_.empty() && client_->between_events()) {
    std::string event;
    mcp::append_event(event, "message", failure_body(why));
    client_->stream(event);
  }
  if (event_stream_) {
    client_->end_stream();
  } else {
    client_->abort();
  }
  finish();
}

void Relay::refuse(unsigned status, std::string_view body) {
  deciding_ = false;
  if (!client_) return;
  client_->send(status, std::string(kJsonFields) + own_fields_, body);
  client_ = nullptr;
}

void Relay::on_client_gone() {
  client_ = nullptr;
  // Handshake era: going away does not cancel a call, it runs to its end and the answer is lost. Stateless era: it
  // cancels.
  if (!stateless_ && !listens()) return resume();
  cancel();
  finish();
}

void Relay::on_client_drained() {
  full_ = false;
  resume();
  tell_of_tools();
}

void Relay::on_heartbeat() {
  worker_.cells.add(Counter::heartbeats);
  if (session_) session_->touch(worker_.now_s);
}

void Relay::close_stream() {
  cancel();
  if (client_) {
    if (opened_) {
      client_->end_stream();
    } else {
      refuse(404, mcp::error_body({}, mcp::kSessionNotFound, "the session has ended"));
    }
  }
  finish();
}

void Relay::finish() { const std::unique_ptr<Relay> last = std::move(self_); }

}  // namespace mcpr::route
