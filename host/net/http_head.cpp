#include "host/net/http_head.hpp"

#include <cstddef>

namespace mcpr::net {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

struct Known {
  std::string_view name;
  Field field;
};

constexpr Known kKnown[] = {
    {"host", Field::host},
    {"content-type", Field::content_type},
    {"content-length", Field::content_length},
    {"accept", Field::accept},
    {"origin", Field::origin},
    {"authorization", Field::authorization},
    {"cookie", Field::cookie},
    {"proxy-authorization", Field::proxy_authorization},
    {"connection", Field::connection},
    {"keep-alive", Field::keep_alive},
    {"proxy-connection", Field::proxy_connection},
    {"te", Field::te},
    {"trailer", Field::trailer},
    {"transfer-encoding", Field::transfer_encoding},
    {"upgrade", Field::upgrade},
    {"expect", Field::expect},
    {"accept-encoding", Field::accept_encoding},
    {"mcp-session-id", Field::mcp_session_id},
    {"mcp-protocol-version", Field::mcp_protocol_version},
    {"mcp-method", Field::mcp_method},
    {"mcp-name", Field::mcp_name},
    {"last-event-id", Field::last_event_id},
    {"forwarded", Field::forwarded},
    {"x-forwarded-for", Field::x_forwarded_for},
    {"x-forwarded-host", Field::x_forwarded_host},
    {"x-forwarded-proto", Field::x_forwarded_proto},
    {"x-forwarded-port", Field::x_forwarded_port},
    {"x-forwarded-prefix", Field::x_forwarded_prefix},
    {"x-real-ip", Field::x_real_ip},
    {"set-cookie", Field::set_cookie},
    {"location", Field::location},
    {"date", Field::date},
    {"server", Field::server},
};

// Buckets by length and first letter, filled at compile time: a name is compared with one or two candidates.
constexpr std::size_t kBuckets = 128;
constexpr std::size_t bucket(std::size_t size, char first) {
  return (size * 7 + static_cast<unsigned char>(lower(first)) * 5) % kBuckets;
}
constexpr std::size_t kDepth = 4;
struct Buckets {
  signed char at[kBuckets][kDepth];
  constexpr Buckets() : at() {
    for (auto& row : at) {
      for (auto& cell : row) cell = -1;
    }
    for (std::size_t i = 0; i < std::size(kKnown); ++i) {
      auto& row = at[bucket(kKnown[i].name.size(), kKnown[i].name[0])];
      std::size_t depth = 0;
      while (row[depth] >= 0) ++depth;  // an overflow does not compile
      row[depth] = static_cast<signed char>(i);
    }
  }
};
constexpr Buckets kTable;

}  // namespace

bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

Field classify(std::string_view name) {
  if (name.empty()) return Field::other;
  for (const signed char i : kTable.at[bucket(name.size(), name[0])]) {
    if (i < 0) break;
    if (iequals(name, kKnown[static_cast<std::size_t>(i)].name)) return kKnown[static_cast<std::size_t>(i)].field;
  }
  constexpr std::string_view cors = "access-control-";
  if (name.size() > cors.size() && iequals(name.substr(0, cors.size()), cors)) return Field::access_control;
  return Field::other;
}

void Headers::add(std::string_view name, std::string_view value) {
  const Field field = classify(name);
  if (first_[index(field)] == kNone) {
    first_[index(field)] = static_cast<std::uint16_t>(lines_.size());
  } else {
    repeated_ |= 1ull << index(field);
  }
  lines_.push_back({field, name, value});
}

std::string_view Headers::find(std::string_view name) const {
  for (const HeaderLine& line : lines_) {
    if (iequals(line.name, name)) return line.value;
  }
  return {};
}

namespace {

void move_view(std::string_view& view, const char* from, const char* to) {
  if (!view.empty()) view = {to + (view.data() - from), view.size()};
}

}  // namespace

void Headers::rebase(const char* from, const char* to) {
  for (HeaderLine& line : lines_) {
    move_view(line.name, from, to);
    move_view(line.value, from, to);
  }
}

void Headers::release() {
  clear();
  lines_.shrink_to_fit();
}

void RequestHead::rebase(const char* from, const char* to) {
  move_view(method, from, to);
  move_view(target, from, to);
  headers.rebase(from, to);
}

}  // namespace mcpr::net
