// The live parts of a session whose messages the router handles one by one: a client of the legacy SSE transport, or
// any client of an instance that speaks it. Lives at the session's home.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <string>

#include "host/mcp/exchange.hpp"
#include "host/route/worker.hpp"

namespace mcpr::route {

class LiveSession final : public session::Live, private upstream::LinkListener, private ToolListener {
 public:
  LiveSession(Worker& worker, session::SessionPtr session, upstream::EntryPtr entry);
  ~LiveSession() override;

  // One body of a client: a message or a batch. Answers go to `answer` (a POST that waits), or to the stream where it
  // is none. `fields`: header lines for the instance.
  void receive(std::string body, const ClientRef& answer, const mcp::Context& context);
  // The client's stream: SSE, or GET. `resumed`: it asked for what it missed.
  void attach(const ClientRef& stream, bool resumed);
  void detach(const ClientRef& stream);
  void client_gone(const ClientRef& answer);  // a POST that waited: its exchanges are suspended

  void close(std::string_view reason) override;

 private:
  class Call;
  void on_upstream_message(std::string_view json, const mcp::Message& message) override;
  void on_link_lost(const mcp::ExchangeEnd& why) override;
  void on_tools_changed(std::uint64_t revision) override;

  void receive_one(const mcp::Message& message, const ClientRef& answer, const mcp::Context& context);
  bool open_link(const mcp::Message& initialize, const ClientRef& answer);
  void initialized(const mcp::Message& response, std::string& json);
  bool hides(std::string_view tool) const;
  std::string without_hidden(const Call& call, std::string_view json);
  void reply(const ClientRef& answer, std::string_view json, bool last);
  void refuse(const mcp::Message& message, const ClientRef& answer, int code, std::string_view text);
  void ended(Call& call);

  const upstream::ServiceEntry* entry() const;  // as it is now; as it was where the catalog has lost it
  Worker& worker_;
  session::SessionPtr session_;
  upstream::EntryPtr entry_;
  upstream::InstancePtr instance_;
  std::unique_ptr<upstream::Link> link_;
  ClientRef stream_;
  std::list<std::unique_ptr<Call>> calls_, ended_;
  std::deque<std::string> backlog_;  // for a stream that is not there yet
  std::size_t backlog_bytes_ = 0;
  std::string initialize_;
  net::Timer sweep_;
};

}  // namespace mcpr::route
