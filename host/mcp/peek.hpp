// What the router must know of a JSON-RPC message, read in one pass; all else stays the bytes that were sent.
//
// The whole text is checked to be JSON (see json_walk.hpp for the three things that are not checked). Keys that the
// router decides by must not repeat on their level, however they are spelled: two readers of such a message could
// disagree on its method. Keys that it does not look at may repeat; that is the service's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace mcpr::mcp {

inline constexpr std::size_t kPadding = 64;  // bytes that must be readable behind the text (simdjson)

enum class Kind : std::uint8_t { request, notification, response, error };  // response: has result; error: has error

// The views point into the text given or into the Peeker, and are good until its next read().
struct Message {
  std::string_view raw;  // the JSON text of this message, without surrounding white space
  Kind kind = Kind::notification;
  std::string_view id;      // JSON text, quotes included; empty: none. An error with the id null gives "null"
  std::string_view method;  // unescaped
  // What the message is about, unescaped: params.uri for resources/read, subscribe and unsubscribe, params.taskId for
  // tasks/*, params.name for every other method.
  std::string_view name;
  bool has_name = false;
  std::string_view
      progress_token;           // JSON text of params._meta.progressToken; notifications/progress: params.progressToken
  std::string_view request_id;  // JSON text of params.requestId in notifications/cancelled
  std::string_view protocol_version;     // initialize: params.protocolVersion; else that of params._meta
  std::string_view log_level;            // params.level of logging/setLevel
  bool has_client_capabilities = false;  // those of params._meta are an object
  std::string_view params;               // JSON text; empty: none
  std::string_view result;               // JSON text; empty: none
};

enum class PeekError : std::uint8_t { none, parse /* -32700 */, invalid /* -32600 */ };

struct Peeked {
  PeekError error = PeekError::none;
  std::string_view detail;  // what is wrong, for people
  bool batch = false;
  std::string_view id;  // of the offending message when it is known, for the error answer
};

class Peeker {  // one per thread, reused; not thread-safe
 public:
  Peeker();
  ~Peeker();
  Peeker(const Peeker&) = delete;
  Peeker& operator=(const Peeker&) = delete;

  // `text` must have kPadding readable bytes behind it.
  Peeked read(std::string_view text);
  // One for a single message, one per element for a batch, none when read() reported an error.
  std::span<const Message> messages() const;
  // Where the strings are that had escapes.
  std::string_view scratch() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcpr::mcp
