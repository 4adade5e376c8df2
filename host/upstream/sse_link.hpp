// A link to an instance that speaks the legacy HTTP+SSE transport (2024-11-05): one stream for all that comes back, and
// POSTs to the address that its first event names.
#pragma once

#include <deque>
#include <list>
#include <unordered_map>

#include "host/net/http_client.hpp"
#include "host/net/timer.hpp"
#include "host/upstream/link.hpp"
#include "host/upstream/message_reader.hpp"

namespace mcpr::upstream {

class SsePost;

class SseLink final : public Link, private net::HttpCall, private MessageTarget {
 public:
  SseLink(const LinkContext& context, InstancePtr instance, LinkListener& listener);
  ~SseLink() override;

  void send(std::string_view json, const mcp::Message& message, const mcp::Context& context,
            mcp::ExchangeSink* sink) override;
  void forget(mcp::ExchangeSink* sink) override;
  void finish() override { cancel(); }  // the transport has no more than the end of the stream
  const std::string& session_id() const override { return endpoint_; }

 private:
  friend class SsePost;
  struct Pending {
    mcp::ExchangeSink* sink;
    std::string progress_token;
    net::TimePoint deadline;
    net::Millis timeout;
  };
  struct Queued {
    std::string json, fields, id;
    mcp::ExchangeSink* sink;
  };

  void on_response(net::ResponseHead& head) override;
  void on_body(std::string_view piece) override;
  void on_done() override;
  void on_failed(const net::HttpFailure& failure) override;
  void on_message(std::string_view json, const mcp::Message& message) override;
  void on_other_event(const mcp::SseEvent& event) override;

  void post(Queued message);
  void posted(SsePost& post, const mcp::ExchangeEnd& end);
  void end_request(const std::string& id, const mcp::ExchangeEnd& end);
  void lose(const mcp::ExchangeEnd& why);
  void expire();

  LinkContext context_;
  InstancePtr instance_;
  LinkListener& listener_;
  MessageReader reader_;
  std::string endpoint_;  // path and query for POSTs; empty until the instance has named it
  std::string head_;
  unsigned status_ = 0;
  bool lost_ = false;
  std::deque<Queued> queue_;  // until there is an endpoint
  std::unordered_map<std::string, Pending> pending_;
  std::list<std::unique_ptr<SsePost>> posts_, ended_;
  net::Timer sweep_, expiry_;
};

// The path and query that an `endpoint` event names, seen from `base` (the path of the stream). Empty where it is not
// to be followed: another origin, or not a path.
std::string resolve_endpoint(std::string_view base, std::string_view endpoint, std::string_view scheme,
                             std::string_view host, unsigned port);

}  // namespace mcpr::upstream
