// What a session has with one instance where the router handles messages, not bytes: because the transports on the two
// sides differ, or because several requests share one stream. Used on the session's home thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/mcp/exchange.hpp"
#include "host/upstream/instance.hpp"
#include "host/upstream/origins.hpp"

namespace mcpr::upstream {

// What links share on one thread.
struct LinkContext {
  net::Loop& loop;
  Origins& origins;
  mcp::Peeker& peeker;
  std::size_t max_message = 64 * 1024 * 1024;  // bytes of one message of an instance
};

class LinkListener {
 public:
  // A message of the instance that belongs to no exchange.
  virtual void on_upstream_message(std::string_view json, const mcp::Message& message) = 0;
  // The instance has gone, or has forgotten the session. The link is of no more use; exchanges under way have ended.
  virtual void on_link_lost(const mcp::ExchangeEnd& why) = 0;

 protected:
  ~LinkListener() = default;
};

class Link {
 public:
  virtual ~Link() = default;  // cancels what is under way without a word
  // Sends one message. A request's answer, and what belongs to it, goes to `sink`, which must live until on_end() or
  // forget(); for a notification or a response the sink is told only on_end().
  virtual void send(std::string_view json, const mcp::Message& message, const mcp::Context& context,
                    mcp::ExchangeSink* sink) = 0;
  virtual void forget(mcp::ExchangeSink* sink) = 0;  // what still comes for it is thrown away
  virtual void finish() = 0;                         // ends the upstream session, as the transport has it
  virtual const std::string& session_id() const = 0;
};

std::unique_ptr<Link> make_link(const LinkContext& context, InstancePtr instance, LinkListener& listener);

mcp::ExchangeEnd end_of(const net::HttpFailure& failure);

}  // namespace mcpr::upstream
