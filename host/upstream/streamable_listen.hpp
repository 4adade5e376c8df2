// The GET stream of a link: what the instance says unasked. Opened again when it ends.
#pragma once

#include "host/net/http_client.hpp"
#include "host/upstream/message_reader.hpp"
#include "host/upstream/streamable_link.hpp"

namespace mcpr::upstream {

class StreamableListen final : private net::HttpCall, private MessageTarget {
 public:
  explicit StreamableListen(StreamableLink& link);
  void open();

 private:
  void on_response(net::ResponseHead& head) override;
  void on_body(std::string_view piece) override;
  void on_done() override;
  void on_failed(const net::HttpFailure& failure) override;
  void on_message(std::string_view json, const mcp::Message& message) override;
  void open_later();

  StreamableLink& link_;
  MessageReader reader_;
  net::Timer retry_;
  unsigned status_ = 0;
  unsigned failures_ = 0;
};

}  // namespace mcpr::upstream
