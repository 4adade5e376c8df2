// The head of a request to an instance.
#pragma once

#include <string>
#include <string_view>

#include "host/net/http_head.hpp"
#include "host/upstream/instance.hpp"

namespace mcpr::upstream {

struct RequestFacts {
  std::string_view verb = "POST";
  std::string_view path;  // empty: the instance's own
  std::string_view session_id;
  std::string_view protocol_version;  // empty: none is sent, unless the client's own fields carry one
  std::string_view accept = "application/json, text/event-stream";
  std::string_view last_event_id;
  bool body = true;  // Content-Type and Content-Length are sent
  std::size_t body_size = 0;
};

// Starts `out` anew with the request line and the router's own fields; the caller may append more lines before
// end_head().
void begin_head(std::string& out, const Instance& instance, const RequestFacts& facts);
// The client's fields that travel end to end. Not among them: what the router sets itself, credentials unless the
// service's options say so, and what proxies before us wrote.
void forward_fields(std::string& out, const net::Headers& fields, const catalog::ServiceOptions& options, bool version);
inline void end_head(std::string& out) { out.append("\r\n"); }

// The fields of an instance's answer that go to the client, as header lines.
void answer_fields(std::string& out, const net::Headers& fields, bool content_type = true);

}  // namespace mcpr::upstream
