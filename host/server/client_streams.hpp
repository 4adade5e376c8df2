// Clients' connections that are written message by message: the legacy SSE stream, the GET stream, a POST that waits.
#pragma once

#include <memory>
#include <string>

#include "host/mcp/media.hpp"
#include "host/net/http_server.hpp"
#include "host/route/worker.hpp"
#include "host/server/front.hpp"

namespace mcpr::server {

// Events to a client until it goes away or the session ends. Owns itself.
class EventStream final : private net::HttpOwner, private route::ClientSink {
 public:
  // The GET stream of a streamable session. The session's counts of streams have been taken and are given back at the
  // end.
  static void start(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                    std::string_view fields, bool resumed);
  // The stream of a legacy SSE session, which ends with it; `first` is its first event, as bytes.
  static void start_sse(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                        std::string_view fields, std::string_view first);

  EventStream(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session, bool sse,
              bool standalone);
  ~EventStream();

 private:
  void open(std::string_view fields, std::string_view first, bool resumed);
  void on_message(std::string_view json, bool last) override;
  void on_close(std::string_view reason) override;
  void on_client_gone() override;
  void on_client_drained() override { full_ = false; }
  void on_heartbeat() override;
  void leave();

  route::Worker& worker_;
  net::HttpConnection* connection_;
  session::SessionPtr session_;
  const bool sse_;
  const bool standalone_;
  bool full_ = false;
  route::ClientRef ref_;
  std::unique_ptr<EventStream> self_;
};

// A POST with requests: answered with JSON if the answer is all there is, else with an event stream that ends with the
// last answer. Owns itself.
class PostAnswer final : private net::HttpOwner, private route::ClientSink {
 public:
  static route::ClientRef start(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
                                std::string_view fields, unsigned requests, mcp::Acceptable accept);

  PostAnswer(route::Worker& worker, net::HttpConnection& connection, session::SessionPtr session,
             std::string_view fields, unsigned requests, mcp::Acceptable accept);
  ~PostAnswer() { worker_.drop_client(ref_); }

 private:
  void on_message(std::string_view json, bool last) override;
  void on_close(std::string_view reason) override;
  void on_client_gone() override;

  route::Worker& worker_;
  net::HttpConnection* connection_;
  session::SessionPtr session_;
  std::string fields_;
  unsigned waiting_;  // answers still to come
  const mcp::Acceptable accept_;
  bool streaming_ = false;
  std::string batch_;  // answers that wait for the others, where only JSON is accepted
  route::ClientRef ref_;
  std::unique_ptr<PostAnswer> self_;
};

// A request that waits for the session store. When the store has the session, it is put into the table and the request
// is served as if it had just come.
class ParkedRequest final : private net::HttpOwner {
 public:
  static void load(Incoming& in, std::string_view session_id);
  explicit ParkedRequest(Incoming& in);

 private:
  void on_client_gone() override;
  void loaded(session::StoreStatus status, session::SessionPtr session);

  route::Worker& worker_;
  net::HttpConnection* connection_;
  FrontOptionsPtr options_;
  Target target_;
  std::string cors_;
  std::string principal_;
  std::string_view body_;
  std::unique_ptr<ParkedRequest> self_;
};

}  // namespace mcpr::server
