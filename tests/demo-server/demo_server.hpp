// The demo server's endpoints: /mcp for streamable HTTP of both eras, /sse and /message for HTTP+SSE. One loop, one
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/mcp/peek.hpp"
#include "host/net/http_server.hpp"
#include "tests/demo-server/options.hpp"
#include "tests/demo-server/outlet.hpp"
#include "tests/demo-server/tools.hpp"

namespace mcpr::demo {

struct Session {
  std::string version;
  std::shared_ptr<ListenStream> stream;  // GET /mcp, or the GET /sse that the session is
  bool legacy = false;                   // HTTP+SSE: ends with its stream
};

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using Sessions = std::unordered_map<std::string, Session, Hash, std::equal_to<>>;

std::string new_session_id();
std::string negotiate(std::string_view asked);  // the version itself where it is known, else the newest

class DemoServer final : public net::HttpHandler {
 public:
  DemoServer(net::Loop& loop, const Options& options) : loop_(loop), options_(options), tools_(loop, options) {}

  void on_request(net::HttpConnection& connection, std::string_view body) override;
  void on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) override;

 private:
  bool allowed(net::HttpConnection& connection);  // Host and Origin; answers where they are not
  void on_post(net::HttpConnection& connection, std::string_view body);
  void on_get(net::HttpConnection& connection);
  void on_delete(net::HttpConnection& connection);
  void on_handshake(net::HttpConnection& connection, std::string_view body, const mcp::Peeked& peeked);
  void on_stateless(net::HttpConnection& connection, std::string_view body,
                    const mcp::Peeked& peeked);  // stateless.cpp
  void stateless_request(const Caller& caller, const mcp::Message& message, std::size_t capacity);
  void on_sse(net::HttpConnection& connection);                             // legacy_sse.cpp
  void on_message(net::HttpConnection& connection, std::string_view body);  // legacy_sse.cpp

  // A message of an initialised session, whichever way it came.
  void message(const Caller& caller, Session& session, const mcp::Message& message, std::size_t capacity);
  std::string initialize_result(std::string_view version) const;

  net::Loop& loop_;
  const Options& options_;
  Tools tools_;
  Sessions sessions_;
  mcp::Peeker peeker_;
};

// What all endpoints answer with when they refuse: a status and a JSON-RPC error.
void refuse(net::HttpConnection& connection, unsigned status, int code, std::string_view text, std::string_view id = {},
            std::string_view data = {});
std::string result_body(std::string_view id, std::string_view result);

}  // namespace mcpr::demo
