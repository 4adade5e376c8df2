// The head of an HTTP message as the router sees it: views into the bytes that were read, and an index of the few
// fields that it decides by. Everything else is carried along unread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mcpr::net {

// Fields that the router reads or must not forward. `other` is everything else.
enum class Field : std::uint8_t {
  other,
  host,
  content_type,
  content_length,
  accept,
  origin,
  authorization,
  cookie,
  proxy_authorization,
  connection,  // from here to `expect`: hop by hop, never forwarded
  keep_alive,
  proxy_connection,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  expect,
  accept_encoding,
  mcp_session_id,
  mcp_protocol_version,
  mcp_method,
  mcp_name,
  last_event_id,
  forwarded,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_proto,
  x_forwarded_port,
  x_forwarded_prefix,
  x_real_ip,
  set_cookie,
  location,
  date,
  server,
  access_control,  // any Access-Control-*
  count
};

Field classify(std::string_view name);  // ignores case

constexpr bool hop_by_hop(Field f) { return f >= Field::connection && f <= Field::expect; }

struct HeaderLine {
  Field field;
  std::string_view name, value;
};

class Headers {
 public:
  Headers() { clear(); }
  void clear() {
    lines_.clear();
    repeated_ = 0;
    for (auto& at : first_) at = kNone;
  }
  void add(std::string_view name, std::string_view value);
  bool has(Field f) const { return first_[index(f)] != kNone; }
  // The value of the first such line; empty when there is none.
  std::string_view get(Field f) const { return has(f) ? lines_[first_[index(f)]].value : std::string_view(); }
  bool repeated(Field f) const { return repeated_ & (1ull << index(f)); }
  const std::vector<HeaderLine>& lines() const { return lines_; }
  std::string_view find(std::string_view name) const;  // any name, ignoring case
  void rebase(const char* from, const char* to);       // the bytes that the views point into have moved
  void release();                                      // clear() that gives the memory back

 private:
  static constexpr std::uint16_t kNone = 0xffff;
  static constexpr std::size_t index(Field f) { return static_cast<std::size_t>(f); }
  std::vector<HeaderLine> lines_;
  std::uint16_t first_[static_cast<std::size_t>(Field::count)];
  std::uint64_t repeated_ = 0;
};

enum class Verb : std::uint8_t { get, post, del, options, head, other };

struct RequestHead {
  Verb verb = Verb::other;
  std::string_view method, target;
  Headers headers;
  bool http11 = true;
  bool keep_alive = true;

  void rebase(const char* from, const char* to);
};

struct ResponseHead {
  unsigned status = 0;
  Headers headers;
  bool keep_alive = true;
};

bool iequals(std::string_view a, std::string_view b);  // ASCII, ignoring case

}  // namespace mcpr::net
