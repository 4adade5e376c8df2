#include "host/server/target.hpp"

namespace mcpr::server {

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The value of a query parameter; true if it is there and can be decoded.
bool query_value(std::string_view query, std::string_view name, std::string& out) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals != std::string_view::npos && percent_decode(pair.substr(equals + 1), out);
  }
  return false;
}

}  // namespace

bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex(text[i + 1]), low = hex(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

std::string percent_encode_segment(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
  return out;
}

Target parse_target(std::string_view target, std::string_view prefix) {
  Target out;
  const std::size_t mark = target.find_first_of("?#");
  std::string_view path = target.substr(0, mark);
  std::string_view query;
  if (mark != std::string_view::npos && target[mark] == '?')
    query = target.substr(mark + 1, target.find('#', mark) - mark - 1);
  if (!prefix.empty()) {
    if (!path.starts_with(prefix) || (path.size() > prefix.size() && path[prefix.size()] != '/')) return out;
    path.remove_prefix(prefix.size());
  }
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);

  if (path.starts_with("/actuator/")) {
    const std::string_view rest = path.substr(10);
    if (rest == "health") out.endpoint = Endpoint::health;
    if (rest == "health/liveness") out.endpoint = Endpoint::liveness;
    if (rest == "health/readiness") out.endpoint = Endpoint::readiness;
    if (rest == "info") out.endpoint = Endpoint::info;
    return out;
  }
  const bool mcp = path == "/mcp" || path.starts_with("/mcp/");
  const bool sse = path == "/sse" || path.starts_with("/sse/");
  if (!mcp && !sse) return out;
  std::string_view rest = path.substr(4);
  Endpoint endpoint = sse ? Endpoint::sse : Endpoint::mcp;
  if (mcp && rest == "/message") {
    endpoint = Endpoint::message;
    rest = {};
  } else if (mcp && rest.ends_with("/message")) {
    endpoint = Endpoint::message;
    rest.remove_suffix(8);
  }
  if (!rest.empty()) {
    rest.remove_prefix(1);
    if (rest.empty() || rest.find('/') != std::string_view::npos || !percent_decode(rest, out.service)) return out;
    out.named = true;
  } else if (query_value(query, "serviceName", out.service)) {
    out.named = true;
  }
  query_value(query, "sessionId", out.session_id);
  out.endpoint = endpoint;
  return out;
}

}  // namespace mcpr::server
