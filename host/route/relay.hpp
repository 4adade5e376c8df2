// Where client and instance speak the same transport of the same era: the request goes on as it came, and the bytes of
// the answer go back as they come.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/mcp/media.hpp"
#include "host/net/http_client.hpp"
#include "host/net/http_server.hpp"
#include "host/route/worker.hpp"

namespace mcpr::route {

struct RelayRequest {
  enum class Kind : std::uint8_t { message, initialize, listen };
  Kind kind = Kind::message;
  bool stateless = false;
  upstream::EntryPtr entry;
  upstream::InstancePtr instance;
  session::SessionPtr session;           // handshake era, except for `initialize`
  session::UpstreamSessionPtr upstream;  // likewise
  std::string_view id;                   // JSON text of a request's id; empty: nothing in it waits for an answer
  std::string_view tool;                 // of tools/call, for its own time-out
  std::string_view body;
  std::string_view principal;
  mcp::Acceptable accept{true, true};
  std::string_view answer_fields;  // header lines for the client (CORS)
  bool standalone = false;         // `listen`: it holds the session's one stream without Last-Event-ID
};

// Owns itself until the answer is through.
class Relay final : private net::HttpCall, private net::HttpOwner, private SessionStream {
 public:
  // The client's head must still be readable (in on_request()).
  static void start(Worker& worker, net::HttpConnection& client, const RelayRequest& request);

  Relay(Worker& worker, net::HttpConnection& client, const RelayRequest& request);
  ~Relay();

 private:
  void send(const RelayRequest& request);
  void on_response(net::ResponseHead& head) override;
  void on_body(std::string_view piece) override;
  void on_flush() override;
  void on_done() override;
  void on_failed(const net::HttpFailure& failure) override;
  void on_client_gone() override;
  void on_client_drained() override { resume(); }
  void on_heartbeat() override;
  void close_stream() override;

  void pass(std::string_view piece);
  void pass_waiting();
  std::string_view waiting() const { return gathered_.empty() ? held_ : std::string_view(gathered_); }
  bool read_initialize(bool whole);
  void open_session(std::string protocol_version);
  void refuse(unsigned status, std::string_view body);
  void send_whole(std::string_view body);
  void finish();

  Worker& worker_;
  net::HttpConnection* client_;
  const RelayRequest::Kind kind_;
  const bool stateless_;
  const bool standalone_;
  const mcp::Acceptable accept_;
  const std::string principal_;
  bool event_stream_ = false;
  bool opened_ = false;    // the client's answer has begun
  bool deciding_ = false;  // `initialize`: the answer is kept until the session is made
  bool convert_ = false;   // the client does not take what the instance answers with: JSON and SSE change places
  bool complete_ = false;  // the instance's answer has ended while it was kept
  unsigned status_ = 0;
  upstream::EntryPtr entry_;
  upstream::InstancePtr instance_;
  session::SessionPtr session_;
  std::string id_;
  const std::string own_fields_;
  std::string fields_;      // of the client's answer: our own, then the instance's
  std::string_view held_;   // a piece that waits for the next one or the end; good until on_flush() returns
  std::string gathered_;    // several small ones: a read of many chunks becomes one write
  std::string kept_;        // the answer to `initialize`, as far as it has come
  std::string initialize_;  // the request's body
  std::string upstream_id_;
  net::TimePoint begun_;
  std::unique_ptr<Relay> self_;
  std::shared_ptr<char> alive_;  // made for a wait on the store
};

}  // namespace mcpr::route
