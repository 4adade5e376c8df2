#include "host/route/listen_relay.hpp"

#include "host/mcp/error.hpp"
#include "host/mcp/sse_writer.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::route {

using metrics::Counter;

void ListenRelay::start(Worker& worker, net::HttpConnection& client, const RelayRequest& request) {
  auto self = std::make_unique<ListenRelay>(worker, client, request);
  ListenRelay& relay = *self;
  relay.self_ = std::move(self);
  forward(worker, client.request().headers, request, relay);
}

ListenRelay::ListenRelay(Worker& worker, net::HttpConnection& client, const RelayRequest& request)
    : worker_(worker),
      client_(&client),
      instance_(request.instance),
      id_(request.id),
      own_fields_(request.answer_fields),
      fields_(request.answer_fields),
      editor_(stage_, worker.options.max_answer) {
  client.set_owner(this);
  worker_.watch_tools(*this, request.entry->service->name, request.entry->tools_revision);
}

void ListenRelay::on_response(net::ResponseHead& head) {
  status_ = head.status;
  upstream::answer_fields(fields_, head.headers);
  if (status_ != 200 || !mcp::is_event_stream(head.headers.get(net::Field::content_type))) return;
  if (head.headers.find("x-accel-buffering").empty()) fields_.append("X-Accel-Buffering: no\r\n");
  open(fields_);
}

void ListenRelay::open(std::string_view fields) {
  opened_ = true;
  client_->begin_stream(200, fields);
  client_->heartbeat_every(worker_.options.heartbeat_s);
}

void ListenRelay::on_body(std::string_view piece) {
  if (!opened_) {
    if (kept_.size() + piece.size() <= worker_.options.max_initialize) return void(kept_.append(piece));
    return refuse({mcp::ExchangeEnd::Cause::failed, true, "too-large", "the answer is larger than the router takes"});
  }
  std::string events;
  const bool fine = editor_.feed(piece, events);
  acknowledged_ = acknowledged_ || stage_.acknowledged();
  write(events);
  if (!fine) return end({});
  tell_of_tools();
}

void ListenRelay::on_done() {
  if (opened_) return stage_.agreed() || stage_.answered() ? end({}) : go_on_alone();
  // Not a stream: what was refused, or an instance that has nothing to say.
  std::string ignored;
  const bool unknown = status_ == 404 || status_ == 405 || status_ == 501;
  if (unknown || stage_.edit(kept_, ignored) == mcp::Verdict::drop) return go_on_alone();
  client_->send(status_, fields_, kept_);
  client_ = nullptr;
  end({});
}

void ListenRelay::on_failed(const net::HttpFailure& failure) {
  const mcp::ExchangeEnd why = upstream::end_of(failure);
  if (!opened_) return refuse(why);
  worker_.count_failure(why);
  // A stream that breaks ends the subscription: the client asks again, and then another instance.
  return stage_.agreed() ? end({}) : go_on_alone();
}

void ListenRelay::refuse(const mcp::ExchangeEnd& why) {
  worker_.count_failure(why);
  client_->send(
      200, std::string(kJsonFields) + own_fields_,
      mcp::upstream_failure_body(id_, instance_->service(), instance_->id(), why.reason, why.text, !why.may_have_run));
  client_ = nullptr;
  end({});
}

void ListenRelay::go_on_alone() {
  if (!opened_) open(std::string(kEventStreamFields) + own_fields_);
  if (!acknowledged_) {
    acknowledged_ = true;
    say(mcp::listen_acknowledged(id_));
  }
  tell_of_tools();
}

void ListenRelay::write(std::string_view events) {
  if (events.empty()) return;
  worker_.cells.add(Counter::bytes_out, events.size());
  if (client_->stream(events)) return;
  full_ = true;
  pause();
}

void ListenRelay::say(std::string_view json) {
  std::string event;
  mcp::append_event(event, "message", json);
  write(event);
}

void ListenRelay::on_tools_changed(std::uint64_t) {
  tools_due_ = true;
  tell_of_tools();
}

void ListenRelay::tell_of_tools() {
  if (!tools_due_ || !acknowledged_ || full_) return;
  tools_due_ = false;
  worker_.cells.add(Counter::tool_notices);
  say(mcp::listen_tools_changed(id_));
}

void ListenRelay::on_client_gone() {
  client_ = nullptr;
  end({});
}

void ListenRelay::on_client_drained() {
  full_ = false;
  resume();
  tell_of_tools();
}

void ListenRelay::on_watch_closed() {
  if (opened_) return end(mcp::listen_complete(id_));
  client_->send(503, std::string(kJsonFields) + own_fields_,
                mcp::error_body(id_, mcp::kInternalError, "the router is shutting down"));
  client_ = nullptr;
  end({});
}

// The end of it all; `last_json`: the answer, where the client has not been given one.
void ListenRelay::end(std::string_view last_json) {
  cancel();
  if (client_) {
    if (!last_json.empty()) say(last_json);
    client_->end_stream();
  }
  const std::unique_ptr<ListenRelay> last = std::move(self_);
}

}  // namespace mcpr::route
