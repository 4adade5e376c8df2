// A link to an instance that speaks streamable HTTP of the handshake era: a POST for each message, and a GET stream
// once the session is initialised.
#pragma once

#include <list>

#include "host/net/timer.hpp"
#include "host/upstream/link.hpp"

namespace mcpr::upstream {

class StreamablePost;
class StreamableListen;

class StreamableLink final : public Link {
 public:
  StreamableLink(const LinkContext& context, InstancePtr instance, LinkListener& listener);
  ~StreamableLink() override;

  void send(std::string_view json, const mcp::Message& message, const mcp::Context& context,
            mcp::ExchangeSink* sink) override;
  void forget(mcp::ExchangeSink* sink) override;
  void finish() override;
  const std::string& session_id() const override { return session_id_; }

 private:
  friend class StreamablePost;
  friend class StreamableListen;
  void open_listen();
  // GET of the session's stream, or of what came after an event; the answer goes to `call`.
  void get_stream(net::HttpCall& call, std::string_view last_event_id, net::Millis timeout);
  void done(StreamablePost& post);
  void lost(const mcp::ExchangeEnd& why);

  LinkContext context_;
  InstancePtr instance_;
  LinkListener& listener_;
  std::string session_id_;
  std::string protocol_version_;
  std::string head_;
  std::list<std::unique_ptr<StreamablePost>> posts_;
  std::unique_ptr<StreamableListen> listen_;
  std::list<std::unique_ptr<StreamablePost>> ended_;  // destroyed by a timer: they may still be on the stack
  net::Timer sweep_;
};

}  // namespace mcpr::upstream
