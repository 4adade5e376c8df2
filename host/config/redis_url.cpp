#include "host/config/redis_url.hpp"

#include <optional>

#include "host/config/units.hpp"

namespace mcpr::config {

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace

bool apply_redis_url(std::string_view url, Settings::Redis& redis, std::string& why) {
  why = "expected redis://user:password@host:port/database";
  bool tls = false;
  if (url.starts_with("rediss://")) {
    tls = true;
    url.remove_prefix(9);
  } else if (url.starts_with("redis://")) {
    url.remove_prefix(8);
  } else {
    return false;
  }
  Settings::Redis out = redis;
  if (const std::size_t slash = url.find('/'); slash != std::string_view::npos) {
    const std::string_view database = url.substr(slash + 1);
    url = url.substr(0, slash);
    if (!database.empty()) {
      const auto number = parse_integer(database);
      if (!number || *number < 0 || *number > 65535) return false;
      out.database = static_cast<unsigned>(*number);
    }
  }
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    url.remove_prefix(at + 1);
    const std::size_t colon = user.find(':');
    const auto name = decoded(user.substr(0, colon));
    const auto password = decoded(colon == std::string_view::npos ? std::string_view{} : user.substr(colon + 1));
    if (!name || !password) return false;
    out.username = *name;
    out.password = *password;
  }
  std::string_view port;
  if (url.starts_with('[')) {
    const std::size_t close = url.find(']');
    if (close == std::string_view::npos) return false;
    out.host = std::string(url.substr(1, close - 1));
    port = url.substr(close + 1);
  } else {
    const std::size_t colon = url.find(':');
    out.host = std::string(url.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view{} : url.substr(colon);
  }
  if (out.host.empty() || (!port.empty() && port.front() != ':')) return false;
  if (port.size() > 1) {
    const auto number = parse_integer(port.substr(1));
    if (!number || *number < 1 || *number > 65535) return false;
    out.port = static_cast<std::uint16_t>(*number);
  }
  out.tls = tls;
  redis = std::move(out);
  return true;
}

}  // namespace mcpr::config
