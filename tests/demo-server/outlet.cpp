#include "tests/demo-server/outlet.hpp"

#include "host/mcp/sse_writer.hpp"

namespace mcpr::demo {

namespace {
constexpr std::string_view kJson = "Content-Type: application/json\r\n";
constexpr std::string_view kStream = "Content-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\n";
}  // namespace

PostOutlet::PostOutlet(net::HttpConnection& connection, std::size_t requests, bool batch, std::string fields)
    : connection_(&connection), open_(requests), batch_(batch), fields_(std::move(fields)) {
  connection.set_owner(this);
}

PostOutlet::~PostOutlet() {
  if (connection_) connection_->abort();
}

void PostOutlet::on_client_gone() {
  connection_ = nullptr;
  // The task may let go of the last reference to this.
  if (Task task = std::move(on_gone_)) task();
}

void PostOutlet::begin_stream() {
  if (streaming_ || !connection_) return;
  streaming_ = true;
  connection_->begin_stream(200, fields_.append(kStream));
}

void PostOutlet::event(std::string_view json) {
  if (!connection_) return;
  std::string text;
  mcp::append_event(text, "message", json);
  connection_->stream(text);
}

void PostOutlet::notify(std::string_view json) {
  begin_stream();
  event(json);
}

void PostOutlet::answer(std::string_view json) {
  if (!connection_) return;
  if (!streaming_ && !batch_) {
    std::exchange(connection_, nullptr)->send(200, fields_.append(kJson), json);
    return;
  }
  notify(json);
  skip();
}

void PostOutlet::skip() {
  if (!connection_) return;
  begin_stream();
  if (--open_ == 0 && connection_) std::exchange(connection_, nullptr)->end_stream();
}

void PostOutlet::drop() {
  if (connection_) std::exchange(connection_, nullptr)->abort();
}

void PostOutlet::refuse(unsigned status, std::string_view json) {
  if (!connection_ || streaming_ || batch_) return answer(json);
  std::exchange(connection_, nullptr)->send(status, fields_.append(kJson), json);
}

ListenStream::~ListenStream() {
  if (!connection_) return;
  connection_->set_owner(nullptr);
  connection_->end_stream();
}

void ListenStream::open(std::string_view fields, unsigned heartbeat_s) {
  connection_->set_owner(this);
  connection_->begin_stream(200, std::string(fields).append(kStream));
  if (heartbeat_s) connection_->heartbeat_every(heartbeat_s);
}

void ListenStream::event(std::string_view type, std::string_view data) {
  if (!connection_) return;
  std::string text;
  mcp::append_event(text, type, data);
  connection_->stream(text);
}

void ListenStream::on_client_gone() {
  connection_ = nullptr;
  // The task lets go of this.
  Task task = std::move(on_gone_);
  task();
}

void StreamOutlet::notify(std::string_view json) {
  if (const auto stream = stream_.lock()) stream->event("message", json);
}

}  // namespace mcpr::demo
