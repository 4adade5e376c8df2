#include "host/upstream/streamable_listen.hpp"

#include <algorithm>

#include "host/mcp/media.hpp"

namespace mcpr::upstream {

StreamableListen::StreamableListen(StreamableLink& link)
    : link_(link),
      reader_(link.context_.peeker, *this, link.context_.max_message),
      retry_(link.context_.loop, [this] { open(); }) {}

void StreamableListen::open() { link_.get_stream(*this, reader_.last_event_id(), net::Millis(0)); }

void StreamableListen::on_response(net::ResponseHead& head) {
  status_ = head.status;
  const bool stream = status_ == 200 && mcp::is_event_stream(head.headers.get(net::Field::content_type));
  if (!stream) return;  // 405: the instance offers no such stream
  failures_ = 0;
  reader_.start(true);
}

void StreamableListen::on_body(std::string_view piece) {
  if (status_ != 200) return;
  if (!reader_.feed(piece)) {
    cancel();
    open_later();
  }
}

void StreamableListen::on_done() {
  if (status_ == 200 || status_ >= 500) open_later();
}

void StreamableListen::on_failed(const net::HttpFailure&) { open_later(); }

void StreamableListen::open_later() {
  const unsigned shift = std::min(failures_++, 5u);
  retry_.arm(net::Millis(std::max(reader_.retry_ms().value_or(0), 1000u << shift)));
}

void StreamableListen::on_message(std::string_view json, const mcp::Message& message) {
  link_.listener_.on_upstream_message(json, message);
}

}  // namespace mcpr::upstream
