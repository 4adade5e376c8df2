// The seam between what talks to Nacos (rpc/, http/) and what knows its meaning (model/, sync/). Everything here is
// used on the control thread, and callbacks never come inside the call that asked for them.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpr::nacos {

// What Nacos said, or why it said nothing.
struct Reply {
  bool ok = false;  // an answer came, and it says that the request succeeded
  // Where not ok: gRPC's errorCode; the HTTP status, or the code of a document that came with 2xx and says that it
  // failed (20004: no such config); 0: no answer came.
  int code = 0;
  std::string error;        // empty where ok
  boost::json::value body;  // the JSON document; a string where the answer is no JSON
  std::string raw;          // HTTP only: the body as it came (a config document is compared by the MD5 of its bytes)
};
using OnReply = std::function<void(Reply)>;

// The gRPC connection of one source: one channel, one bidirectional stream, set up again by itself after a loss.
// Tokens, acknowledgements, health checks, resets and the choice among the addresses are its own business.
class Rpc {
 public:
  struct Events {
    // Set up: nothing of an earlier connection is known to the server, all must be subscribed and registered anew.
    std::function<void()> connected;
    // The connection is gone, or an attempt to get one has failed: may come again and again without connected in
    // between. Requests under way have failed by now.
    std::function<void(const std::string& why)> lost;
    std::function<void(const std::string& type, const boost::json::object&)> pushed;  // acknowledged already
  };
  virtual ~Rpc() = default;
  virtual void start(Events events) = 0;
  // Fails when not connected: code 0.
  virtual void request(std::string_view type, boost::json::object body, OnReply on_reply) = 0;
  virtual bool can(std::string_view ability) const = 0;  // of the server's abilityTable: fuzzyWatch, mcp, ...
  virtual void stop(std::function<void()> done) = 0;     // no callback but done after it
};

// HTTP with login, address rotation and one retry after a 403. GET and DELETE put the parameters into the query, POST
// and PUT into the form.
class Api {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  virtual ~Api() = default;
  // path without the context path: "/v3/admin/ai/mcp/list". An answer {"code":0,"data":...} is ok with body = data, one
  // with another code is not ok; other JSON is ok with HTTP 2xx and given whole; text that is no JSON is given as a
  // string. Below /v1/cs/ the body is always a string: a document's content, whatever it looks like.
  // timeout_ms 0: the configured one. A long poll says how long it may take.
  virtual void call(std::string_view method, std::string_view path, Parameters parameters, OnReply on_reply,
                    std::vector<std::pair<std::string, std::string>> headers = {}, unsigned timeout_ms = 0) = 0;
  virtual void stop() = 0;  // cancels what is under way; nothing calls back after it
};

}  // namespace mcpr::nacos
