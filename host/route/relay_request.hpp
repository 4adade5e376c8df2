// A client's request that goes to an instance of the same transport and era, and how it is sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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
  bool batch = false;
  bool lists_tools = false;              // a tools/list is in it
  bool discovers = false;                // it is server/discover
  bool subscribes = false;               // it is subscriptions/listen
  std::vector<std::string> own_answers;  // to requests of a batch that the router has answered itself, as JSON
};

// Sends it to its instance. The client's head must still be readable (in on_request()).
void forward(Worker& worker, const net::Headers& fields, const RelayRequest& request, net::HttpCall& call);

inline constexpr std::string_view kEventStreamFields =
    "Content-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";
inline constexpr std::string_view kJsonFields = "Content-Type: application/json\r\n";

}  // namespace mcpr::route
