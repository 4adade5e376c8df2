#include "host/route/relay.hpp"

#include "host/mcp/error.hpp"
#include "host/mcp/initialize.hpp"
#include "host/mcp/media.hpp"
#include "host/mcp/sse_writer.hpp"
#include "host/route/session_end.hpp"
#include "host/session/id.hpp"
#include "host/upstream/goodbye.hpp"
#include "host/upstream/message_reader.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::route {

using metrics::Counter;
using net::Field;

namespace {

constexpr std::string_view kJson = "Content-Type: application/json\r\n";
constexpr std::size_t kGather = 32 * 1024;  // beyond it a piece goes on alone: copying would cost more than a write

// Finds the answer to `initialize` in what has come so far.
class Finder final : private upstream::MessageTarget {
 public:
  Finder(mcp::Peeker& peeker, std::size_t most) : reader_(peeker, *this, most) {}
  void read(std::string_view bytes, bool event_stream, bool whole) {
    reader_.start(event_stream);
    reader_.feed(bytes);
    if (whole) reader_.finish();
  }
  bool found = false;
  std::string answer;
  std::optional<mcp::ServerFacts> facts;  // none: the answer is an error

 private:
  void on_message(std::string_view, const mcp::Message& message) override {
    if (message.kind == mcp::Kind::response) facts = mcp::read_initialize_result(message.result);
    if (message.kind != mcp::Kind::response && message.kind != mcp::Kind::error) return;
    found = true;
    answer.assign(message.raw);
  }
  upstream::MessageReader reader_;
};

}  // namespace

void Relay::start(Worker& worker, net::HttpConnection& client, const RelayRequest& request) {
  auto self = std::make_unique<Relay>(worker, client, request);
  Relay& relay = *self;
  relay.self_ = std::move(self);
  relay.send(request);
}

Relay::Relay(Worker& worker, net::HttpConnection& client, const RelayRequest& request)
    : worker_(worker),
      client_(&client),
      kind_(request.kind),
      stateless_(request.stateless),
      standalone_(request.standalone),
      accept_(request.accept),
      principal_(request.principal),
      deciding_(request.kind == RelayRequest::Kind::initialize),
      entry_(request.entry),
      instance_(request.instance),
      session_(request.session),
      id_(request.id),
      own_fields_(request.answer_fields),
      fields_(request.answer_fields),
      begun_(net::Clock::now()) {
  client.set_owner(this);
  if (deciding_) initialize_.assign(request.body);
  if (kind_ == RelayRequest::Kind::listen) worker_.streams.emplace(session_.get(), static_cast<SessionStream*>(this));
}

Relay::~Relay() {
  if (kind_ != RelayRequest::Kind::listen) return;
  const auto [first, last] = worker_.streams.equal_range(session_.get());
  for (auto at = first; at != last; ++at) {
    if (at->second != this) continue;
    worker_.streams.erase(at);
    break;
  }
  session_->drop_stream();
  if (standalone_) session_->close_stream();
}

void Relay::send(const RelayRequest& request) {
  const net::Headers& fields = client_->request().headers;
  upstream::RequestFacts facts;
  facts.body_size = request.body.size();
  if (request.upstream) facts.session_id = request.upstream->id;
  net::CallOptions options;
  const catalog::Timeouts& timeouts = instance_->timeouts();
  options.response_timeout = timeouts.response;
  options.stream_timeout = timeouts.idle;
  if (kind_ == RelayRequest::Kind::listen) {
    facts.verb = "GET";
    facts.body = false;
    facts.accept = "text/event-stream";
    facts.last_event_id = fields.get(Field::last_event_id);
    options = {net::Millis(0), net::Millis(0)};
  } else if (!request.tool.empty() && !timeouts.tools.empty()) {
    if (const auto found = timeouts.tools.find(std::string(request.tool)); found != timeouts.tools.end()) {
      options.response_timeout = found->second;
      options.stream_timeout = std::max(found->second, options.stream_timeout);
    }
  }
  upstream::begin_head(worker_.head, *instance_, facts);
  upstream::forward_fields(worker_.head, fields, entry_->service->options, true);
  upstream::end_head(worker_.head);
  worker_.cells.add(Counter::forwarded);
  worker_.origins.of(instance_).send(*this, worker_.head, request.body, options);
}

void Relay::on_response(net::ResponseHead& head) {
  status_ = head.status;
  event_stream_ = mcp::is_event_stream(head.headers.get(Field::content_type));
  convert_ = status_ == 200 && (event_stream_ ? !accept_.sse : !accept_.json);
  upstream::answer_fields(fields_, head.headers, !convert_);
  if (deciding_) {
    upstream_id_.assign(head.headers.get(Field::mcp_session_id));
    if (status_ != 200) deciding_ = false;
  }
  if (event_stream_ && !convert_ && head.headers.find("x-accel-buffering").empty())
    fields_.append("X-Accel-Buffering: no\r\n");
}

void Relay::on_body(std::string_view piece) {
  worker_.cells.add(Counter::bytes_out, piece.size());
  if (deciding_ || convert_) {
    if (kept_.size() + piece.size() > (deciding_ ? worker_.options.max_initialize : worker_.options.max_convert)) {
      cancel();
      refuse(200, mcp::upstream_failure_body(id_, instance_->service(), instance_->id(), "protocol",
                                             "the answer is too large", false));
      return finish();
    }
    kept_.append(piece);
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
  if (convert_) return;
  if (deciding_) {
    if (!alive_ && read_initialize(false)) finish();
    return;
  }
  pass_waiting();
}

void Relay::on_done() {
  if (deciding_) {
    complete_ = true;
    if (alive_) return;  // the store has the word
    if (read_initialize(true)) finish();
    return;
  }
  if (client_) {
    if (opened_) {
      client_->end_stream(waiting());
    } else {
      send_whole(convert_ ? std::string_view(kept_) : waiting());
    }
  }
  const auto took = net::Clock::now() - begun_;
  if (kind_ != RelayRequest::Kind::listen) {
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
    const std::uint64_t length = body_length();
    client_->begin_stream(status_, fields_, length == kUnknown ? net::HttpConnection::kNoLength : length, piece);
    if (event_stream_) client_->heartbeat_every(worker_.options.heartbeat_s);
  } else if (!client_->stream(piece)) {
    pause();
  }
}

// True: all is done and the relay can go.
bool Relay::read_initialize(bool whole) {
  Finder finder(worker_.peeker, worker_.options.max_initialize);
  finder.read(kept_, event_stream_, whole);
  if (!finder.found && !whole) return false;
  if (!client_) {  // nobody waits for the session any more
    if (!upstream_id_.empty()) upstream::say_goodbye(worker_.origins, instance_, upstream_id_, {});
    cancel();
    return true;
  }
  if (finder.facts) {
    open_session(finder.facts->protocol_version);
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

void Relay::open_session(std::string protocol_version) {
  auto session = std::make_shared<session::Session>(
      session::new_id(), entry_->service->name, session::ClientTransport::streamable, worker_.index, false, principal_);
  session->touch(worker_.now_s);
  session->set_handshake(std::move(initialize_), protocol_version);
  session->replace(std::make_shared<session::UpstreamSession>(session::UpstreamSession{
                       entry_->service->name, instance_->id(), upstream_id_, std::move(protocol_version), 1}),
                   0);
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

// The last words to the client, in the form that it accepts.
void Relay::send_whole(std::string_view body) {
  if (!convert_) return client_->send(status_, fields_, body);
  if (!event_stream_) {
    std::string event;
    mcp::append_event(event, "message", body);
    return client_->send(status_, "Content-Type: text/event-stream\r\n" + fields_, event);
  }
  Finder finder(worker_.peeker, worker_.options.max_convert);
  finder.read(body, true, true);
  client_->send(status_, std::string(kJson) + fields_,
                finder.found ? finder.answer
                             : mcp::upstream_failure_body(id_, instance_->service(), instance_->id(), "protocol",
                                                          "the answer ended before the response", false));
}

void Relay::on_failed(const net::HttpFailure& failure) {
  worker_.cells.add(Counter::upstream_failures);
  if (!client_) return finish();
  const mcp::ExchangeEnd why = upstream::end_of(failure);
  if (!opened_) {
    if (kind_ == RelayRequest::Kind::listen || id_.empty()) {
      refuse(502, mcp::error_body({}, mcp::kInternalError, "the service cannot be reached: " + why.text));
    } else {
      refuse(200, mcp::upstream_failure_body(id_, instance_->service(), instance_->id(), why.reason, why.text,
                                             !why.may_have_run));
    }
    return finish();
  }
  if (event_stream_ && kind_ != RelayRequest::Kind::listen && !id_.empty() && client_->between_events()) {
    std::string event;
    mcp::append_event(
        event, "message",
        mcp::upstream_failure_body(id_, instance_->service(), instance_->id(), why.reason, why.text, false));
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
  client_->send(status, std::string(kJson) + own_fields_, body);
  client_ = nullptr;
}

void Relay::on_client_gone() {
  client_ = nullptr;
  // Handshake era: going away does not cancel a call, it runs to its end and the answer is lost. Stateless era: it
  // cancels.
  if (!stateless_ && kind_ != RelayRequest::Kind::listen) return resume();
  cancel();
  finish();
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
