#include "host/upstream/message_reader.hpp"

namespace mcpr::upstream {

void MessageReader::start(bool event_stream) {
  sse_.reset();
  body_.clear();
  error_.clear();
  if (event_stream) sse_.emplace(max_message_);
}

bool MessageReader::feed(std::string_view piece) {
  if (sse_) {
    if (!sse_->feed(piece, *this) && error_.empty()) {
      error_ = sse_->error();
      too_large_ = true;  // its one complaint
    }
    return error_.empty();
  }
  if (body_.size() + piece.size() > max_message_) {
    too_large_ = true;
    error_ = "the answer is longer than " + std::to_string(max_message_) + " bytes";
    return false;
  }
  body_.append(piece);
  return true;
}

bool MessageReader::finish() { return sse_ || body_.empty() || read(body_); }

void MessageReader::on_event(const mcp::SseEvent& event) {
  if (!error_.empty()) return;  // what follows a broken message is not taken
  if (event.has_id) last_event_id_.assign(event.id);
  if (event.retry) retry_ = event.retry;
  if (event.type != "message") return target_.on_other_event(event);
  if (!event.data.empty()) read(event.data);
}

bool MessageReader::read(std::string_view json) {
  // A copy with room behind it: the piece may end where the buffer of the stream does.
  std::string text;
  text.swap(scratch_);
  text.reserve(json.size() + mcp::kPadding);
  text.assign(json);
  const mcp::Peeked peeked = peeker_.read(text);
  if (peeked.error != mcp::PeekError::none) {
    error_ = "not a JSON-RPC message: " + std::string(peeked.detail);
    return false;
  }
  // The peeker is shared: what is done with a message may peek another. A batch is therefore copied.
  if (!peeked.batch) {
    const mcp::Message message = peeker_.messages().front();
    target_.on_message(message.raw, message);
  } else {
    std::vector<std::string> parts;
    for (const mcp::Message& message : peeker_.messages()) parts.emplace_back(message.raw);
    for (const std::string& part : parts) {
      if (!read(part)) return false;
    }
  }
  scratch_.swap(text);
  return true;
}

}  // namespace mcpr::upstream
