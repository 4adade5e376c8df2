// One message on its way to an instance over streamable HTTP, and the answer, which may come in pieces over several
// connections (Last-Event-ID).
#pragma once

#include "host/net/http_client.hpp"
#include "host/net/timer.hpp"
#include "host/upstream/message_reader.hpp"
#include "host/upstream/streamable_link.hpp"

namespace mcpr::upstream {

class StreamablePost final : private net::HttpCall, private MessageTarget {
 public:
  StreamablePost(StreamableLink& link, const mcp::Message& message, mcp::ExchangeSink* sink);

  void start(std::string_view json, std::string_view fields);
  mcp::ExchangeSink* sink() const { return sink_; }
  void forget() { sink_ = nullptr; }

 private:
  void on_response(net::ResponseHead& head) override;
  void on_body(std::string_view piece) override;
  void on_done() override;
  void on_failed(const net::HttpFailure& failure) override;
  void on_message(std::string_view json, const mcp::Message& message) override;

  void resume();
  void end(const mcp::ExchangeEnd& end);
  void bad_status();
  net::Millis response_timeout(const mcp::Message& message) const;

  StreamableLink& link_;
  mcp::ExchangeSink* sink_;
  MessageReader reader_;
  const std::string id_;  // empty: a notification or a response
  const bool initialize_;
  const bool initialized_;
  const net::Millis timeout_;
  unsigned status_ = 0;
  unsigned resumes_ = 0;
  bool answered_ = false;
  bool ended_ = false;
  std::string error_text_;
  net::Timer retry_;
};

}  // namespace mcpr::upstream
