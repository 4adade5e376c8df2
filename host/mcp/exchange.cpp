#include "host/mcp/exchange.hpp"

namespace mcpr::mcp {

void Exchange::on_message(std::string_view json, const Message& message) {
  if (client_) return client_->on_message(json, message);
  std::string copy;
  copy.reserve(json.size() + kPadding);
  copy.assign(json);
  kept_bytes_ += copy.size();
  kept_.push_back(std::move(copy));
  const bool final = message.kind == Kind::response || message.kind == Kind::error;
  while (kept_bytes_ > max_kept_ && kept_.size() > (final ? 1u : 0u)) {
    kept_bytes_ -= kept_.front().size();
    kept_.pop_front();
    ++dropped_;
  }
}

void Exchange::on_end(const ExchangeEnd& end) {
  ended_ = true;
  if (client_) return client_->on_end(end);
  end_ = end;
}

void Exchange::resume(ExchangeSink& client, Peeker& peeker) {
  client_ = &client;
  // The client may leave again at any of them: what it has not been given stays kept.
  while (client_ && !kept_.empty()) {
    const std::string json = std::move(kept_.front());
    kept_.pop_front();
    kept_bytes_ -= json.size();
    if (peeker.read(json).error == PeekError::none) client_->on_message(json, peeker.messages().front());
  }
  if (client_ && ended_) client_->on_end(end_);
}

}  // namespace mcpr::mcp
