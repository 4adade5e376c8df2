#include "host/upstream/request.hpp"

#include <algorithm>
#include <charconv>

namespace mcpr::upstream {

using net::Field;

namespace {

void line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Does `Connection: a, b` name this field as one for the next hop only?
bool named_by_connection(std::string_view connection, std::string_view name) {
  while (!connection.empty()) {
    const std::size_t comma = connection.find(',');
    std::string_view token = connection.substr(0, comma);
    while (!token.empty() && (token.front() == ' ' || token.front() == '\t')) token.remove_prefix(1);
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t')) token.remove_suffix(1);
    if (net::iequals(token, name)) return true;
    connection = comma == std::string_view::npos ? std::string_view() : connection.substr(comma + 1);
  }
  return false;
}

}  // namespace

void begin_head(std::string& out, const Instance& instance, const RequestFacts& facts) {
  out.assign(facts.verb);
  out.push_back(' ');
  out.append(facts.path.empty() ? std::string_view(instance.path()) : facts.path);
  out.append(" HTTP/1.1\r\n").append(instance.fixed_fields());
  line(out, "Accept", facts.accept);
  if (facts.body) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, facts.body_size).ptr;
    out.append("Content-Type: application/json\r\n");
    line(out, "Content-Length", {digits, static_cast<std::size_t>(end - digits)});
  }
  if (!facts.session_id.empty()) line(out, "Mcp-Session-Id", facts.session_id);
  if (!facts.protocol_version.empty()) line(out, "MCP-Protocol-Version", facts.protocol_version);
  if (!facts.last_event_id.empty()) line(out, "Last-Event-ID", facts.last_event_id);
}

void forward_fields(std::string& out, const net::Headers& fields, const catalog::ServiceOptions& options,
                    bool version) {
  const std::string_view connection = fields.get(Field::connection);
  for (const net::HeaderLine& at : fields.lines()) {
    switch (at.field) {
      case Field::authorization:
        if (!options.forward_authorization) continue;
        break;
      case Field::cookie:
        if (!options.forward_cookie) continue;
        break;
      case Field::mcp_protocol_version:
        if (!version) continue;
        break;
      case Field::mcp_method:
      case Field::mcp_name: break;
      case Field::other:
        if (net::iequals(at.name, "x-mcp-session-id")) continue;
        break;
      default: continue;
    }
    if (!connection.empty() && named_by_connection(connection, at.name)) continue;
    if (std::any_of(options.headers.begin(), options.headers.end(),
                    [&](const auto& own) { return net::iequals(own.first, at.name); })) {
      continue;  // the service's own value stands
    }
    line(out, at.name, at.value);
  }
}

void answer_fields(std::string& out, const net::Headers& fields, bool content_type) {
  for (const net::HeaderLine& at : fields.lines()) {
    switch (at.field) {
      case Field::other:
      case Field::mcp_protocol_version: break;
      case Field::content_type:
        if (!content_type) continue;
        break;
      default: continue;
    }
    line(out, at.name, at.value);
  }
}

}  // namespace mcpr::upstream
