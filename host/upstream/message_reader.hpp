// Takes JSON-RPC messages out of the body of an instance's answer: JSON, a batch, or an event stream.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/mcp/peek.hpp"
#include "host/mcp/sse_reader.hpp"

namespace mcpr::upstream {

class MessageTarget {
 public:
  virtual void on_message(std::string_view json, const mcp::Message& message) = 0;
  virtual void on_other_event(const mcp::SseEvent&) {}  // of another type than `message`
 protected:
  ~MessageTarget() = default;
};

class MessageReader final : private mcp::SseSink {
 public:
  MessageReader(mcp::Peeker& peeker, MessageTarget& target, std::size_t max_message)
      : peeker_(peeker), target_(target), max_message_(max_message) {}

  void start(bool event_stream);
  bool feed(std::string_view piece);  // false: error() says why, and nothing more is taken
  bool finish();                      // the body has ended: a JSON body is read now

  const std::string& error() const { return error_; }
  const char* reason() const { return too_large_ ? "too-large" : "protocol"; }  // of the error, for ExchangeEnd
  const std::string& last_event_id() const { return last_event_id_; }
  std::optional<unsigned> retry_ms() const { return retry_; }

 private:
  void on_event(const mcp::SseEvent& event) override;
  bool read(std::string_view json);

  mcp::Peeker& peeker_;
  MessageTarget& target_;
  const std::size_t max_message_;
  std::optional<mcp::SseReader> sse_;
  std::string body_;
  std::string scratch_;
  std::string last_event_id_;
  std::optional<unsigned> retry_;
  std::string error_;
  bool too_large_ = false;
};

}  // namespace mcpr::upstream
