// A client's subscriptions/listen (2026-07-28) on a service whose source can tell of changes: the instance is asked
// too, and its notifications go on as they come; the router adds its own. Where the instance does not know the method
// or agrees to nothing, the router goes on alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/mcp/event_editor.hpp"
#include "host/mcp/listen.hpp"
#include "host/route/relay_request.hpp"

namespace mcpr::route {

// Owns itself until the client goes away or the subscription ends.
class ListenRelay final : private net::HttpCall, private net::HttpOwner, private ToolListener {
 public:
  // The client's head must still be readable (in on_request()).
  static void start(Worker& worker, net::HttpConnection& client, const RelayRequest& request);

  ListenRelay(Worker& worker, net::HttpConnection& client, const RelayRequest& request);

 private:
  void on_response(net::ResponseHead& head) override;
  void on_body(std::string_view piece) override;
  void on_done() override;
  void on_failed(const net::HttpFailure& failure) override;
  void on_client_gone() override;
  void on_client_drained() override;
  void on_heartbeat() override { worker_.cells.add(metrics::Counter::heartbeats); }
  void on_tools_changed(std::uint64_t revision) override;
  void on_watch_closed() override;

  void open(std::string_view fields);
  void write(std::string_view events);
  void say(std::string_view json);
  void go_on_alone();
  void tell_of_tools();
  void refuse(const mcp::ExchangeEnd& why);
  void end(std::string_view last_json);

  Worker& worker_;
  net::HttpConnection* client_;
  const upstream::InstancePtr instance_;
  const std::string id_;
  const std::string own_fields_;
  std::string fields_;  // of the client's answer: our own, then the instance's
  mcp::ListenAnswer stage_;
  mcp::EventEditor editor_;
  std::string kept_;  // an answer that is no stream
  unsigned status_ = 0;
  bool opened_ = false;        // the client's stream has begun
  bool acknowledged_ = false;  // and its first message is out
  bool full_ = false;          // the client reads too slowly
  bool tools_due_ = false;
  std::unique_ptr<ListenRelay> self_;
};

}  // namespace mcpr::route
