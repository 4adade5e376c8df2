// Where client and instance speak the same transport of the same era: the request goes on as it came, and the bytes of
// the answer go back as they come, except where an editing stage changes them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/mcp/initialize.hpp"
#include "host/route/answer_edit.hpp"
#include "host/route/relay_request.hpp"

namespace mcpr::route {

// Owns itself until the answer is through.
class Relay final : private net::HttpCall, private net::HttpOwner, private SessionStream, private ToolListener {
 public:
  // The client's head must still be readable (in on_request()).
  static void start(Worker& worker, net::HttpConnection& client, const RelayRequest& request);

  Relay(Worker& worker, net::HttpConnection& client, const RelayRequest& request);
  ~Relay();

 private:
  void on_response(net::ResponseHead& head) override;
  void on_body(std::string_view piece) override;
  void on_flush() override;
  void on_done() override;
  void on_failed(const net::HttpFailure& failure) override;
  void on_client_gone() override;
  void on_client_drained() override;
  void on_heartbeat() override;
  void close_stream() override;
  void on_tools_changed(std::uint64_t revision) override;

  bool listens() const { return kind_ == RelayRequest::Kind::listen; }
  void pass(std::string_view piece);
  void pass_waiting();
  std::string_view waiting() const { return gathered_.empty() ? held_ : std::string_view(gathered_); }
  bool read_initialize(bool whole);
  void open_session(const mcp::ServerFacts& facts);
  void add_list_changed();
  void open_alone();
  void tell_of_tools();
  void refuse(unsigned status, std::string_view body);
  bool send_whole(std::string_view body);
  bool as_json(std::string_view events, std::string& out);
  void cannot_be_read();
  void fail(const mcp::ExchangeEnd& why);
  std::string failure_body(const mcp::ExchangeEnd& why) const;
  void finish();

  Worker& worker_;
  net::HttpConnection* client_;
  const RelayRequest::Kind kind_;
  const bool stateless_;
  const bool standalone_;
  const bool batch_;
  const mcp::Acceptable accept_;
  const std::string principal_;
  bool event_stream_ = false;
  bool opened_ = false;     // the client's answer has begun
  bool deciding_ = false;   // `initialize`: the answer is kept until the session is made
  bool convert_ = false;    // the client does not take what the instance answers with: JSON and SSE change places
  bool whole_ = false;      // the answer is kept until it has come whole
  bool resized_ = false;    // the answer has not the length that the instance gave
  bool complete_ = false;   // the instance's answer has ended while it was kept
  bool alone_ = false;      // GET: the instance has no stream, the router's own is opened in its place
  bool full_ = false;       // the client reads too slowly
  bool tools_due_ = false;  // the client is to hear that the list of tools has changed
  unsigned status_ = 0;
  std::uint64_t tools_revision_ = 0;
  upstream::EntryPtr entry_;
  upstream::InstancePtr instance_;
  session::SessionPtr session_;
  std::string id_;
  const std::string own_fields_;
  std::string fields_;      // of the client's answer: our own, then the instance's
  std::string_view held_;   // a piece that waits for the next one or the end; good until on_flush() returns
  std::string gathered_;    // several small ones: a read of many chunks becomes one write
  std::string kept_;        // the answer, as far as it has come, where it is kept
  std::string initialize_;  // the request's body
  std::string upstream_id_;
  net::TimePoint begun_;
  std::unique_ptr<AnswerEdit> edit_;  // null: the bytes pass
  std::unique_ptr<Relay> self_;
  std::shared_ptr<char> alive_;  // made for a wait on the store
};

}  // namespace mcpr::route
