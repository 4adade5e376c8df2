// One request of streamable HTTP on the client side, of either era, until somebody else answers it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "host/mcp/media.hpp"
#include "host/mcp/peek.hpp"
#include "host/route/relay_request.hpp"
#include "host/server/front.hpp"

namespace mcpr::server {

class StreamableRequest {
 public:
  explicit StreamableRequest(Incoming& in) : in_(in), worker_(in.worker) {}

  void serve();

 private:
  using Message = mcp::Message;

  const upstream::ServiceEntry& service() const { return worker_.routes.directory().at(entry_); }
  void post();

  // 2026-07-28 and later: streamable_stateless.cpp
  void post_stateless(const Message& message);
  bool headers_match(const Message& message);

  // Up to 2025-11-25: streamable_handshake.cpp
  void post_handshake(const Message& first);
  void initialize(const Message& message);
  void initialize_live(const Message& message);
  void post_in_session();
  void post_live();
  void get();
  void listen();
  void del();
  // Goes on with the session that the request names, or refuses. The store is asked only for a session that this router
  // does not know.
  void with_session(void (*then)(StreamableRequest&));
  void check_session(void (*then)(StreamableRequest&));

  // Common
  std::string_view first_request_id() const;
  bool calls_disabled_tool(const Message& message) const;
  // Answers a call of a disabled tool as a service answers that of an unknown one. In a batch the other messages are
  // left, in `body`, and the answers go into the request. True: nothing is left to be sent.
  bool answer_disabled_calls(route::RelayRequest& request, std::string& body);
  void answer(std::string_view json);  // HTTP 200, in a form that the client accepts
  void relay(route::RelayRequest& request);
  void no_instance(std::string_view id);
  mcp::Context context() const;

  Incoming& in_;
  route::Worker& worker_;
  std::string_view version_;
  std::size_t entry_ = upstream::Directory::kNone;
  mcp::Acceptable accept_{};
  bool batch_ = false;
  std::span<const Message> messages_;
  session::SessionPtr session_;
};

}  // namespace mcpr::server
