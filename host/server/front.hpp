// The client side on one data thread: every HTTP request of clients comes in here.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "host/net/http_server.hpp"
#include "host/route/worker.hpp"
#include "host/server/guard.hpp"
#include "host/server/target.hpp"

namespace mcpr::server {

// What may change while running; shared by the threads, replaced as a whole.
struct FrontOptions {
  Guard guard{GuardOptions{}};
  CorsOptions cors;
  std::string context_path;  // requests must begin with it; "" or "/x"
};
using FrontOptionsPtr = std::shared_ptr<const FrontOptions>;

// What health is answered from, written by the control thread.
struct HealthState {
  std::atomic<bool> ready{false};
  std::atomic<bool> degraded{false};
  std::string version;
};

class Front final : public net::HttpHandler {
 public:
  Front(route::Worker& worker, const HealthState& health, FrontOptionsPtr options)
      : worker_(worker), health_(health), options_(std::move(options)) {}

  void set_options(FrontOptionsPtr options) { options_ = std::move(options); }
  void on_request(net::HttpConnection& connection, std::string_view body) override;
  void on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) override;

 private:
  void health(net::HttpConnection& connection, Endpoint endpoint);
  route::Worker& worker_;
  const HealthState& health_;
  FrontOptionsPtr options_;
};

// One request on its way through the front.
struct Incoming {
  route::Worker& worker;
  net::HttpConnection& connection;
  FrontOptionsPtr options;
  const Target& target;
  std::string_view body;
  std::string cors;        // header lines for any answer
  std::string principal;   // who asks; empty: anonymous
  bool looked_up = false;  // the sources have been asked for the service that is named

  const net::Headers& fields() const { return connection.request().headers; }
  // Answers with a JSON-RPC error. `id`: JSON text; empty: null.
  void refuse(unsigned status, int code, std::string_view text, std::string_view id = {},
              std::string_view more_fields = {}) const;
  void refuse_with(unsigned status, std::string_view error_body) const;
  // The id of the request in the body, for refusals before the body was looked at; empty where there is none to be
  // read.
  std::string_view request_id() const;
  // The service that is meant: by name, or the only one. Returns kNone where there is none that can be called, or where
  // the sources are asked for it first: somebody else answers then.
  std::size_t find_service();
};

void serve_streamable(Incoming& in);  // /mcp, /mcp/{service}
void serve_sse_stream(Incoming& in);  // /sse, /sse/{service}
void serve_sse_message(Incoming& in);

}  // namespace mcpr::server
