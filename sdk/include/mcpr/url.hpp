// Text of an `endpoint` or `url` to its parts: the one parser that the router and plugins share. Pure functions, no
// look-ups of names, no dependence on any other header of ours.
#pragma once

#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcpr::url {

// Either an address (host is set) or a reference to a registry (lookup is set), never both.
struct Endpoint {
  std::string host;        // name or address as written, in lower case, no brackets around IPv6
  std::uint16_t port = 0;  // the scheme's where none is written
  bool tls = false;
  std::string path;    // with query; empty: none was written
  std::string lookup;  // name@GROUP, without the path
  bool operator==(const Endpoint&) const = default;
};

// The transport a protocol's name stands for.
enum class Wire : std::uint8_t { streamable_http, sse, stdio, unroutable };

namespace detail {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

inline std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

inline bool parse_port(std::string_view text, std::uint16_t& out, std::string& error) {
  if (text.empty()) {
    error = "the port after ':' is missing";
    return false;
  }
  std::uint32_t value = 0;
  for (char c : text) {
    value = c >= '0' && c <= '9' ? value * 10 + static_cast<std::uint32_t>(c - '0') : 65536;
    if (value > 65535) break;
  }
  if (value == 0 || value > 65535) {
    error = "port " + quoted(text) + " is not a number from 1 to 65535";
    return false;
  }
  out = static_cast<std::uint16_t>(value);
  return true;
}

inline bool parse_name_or_v4(std::string_view text, std::string& out, std::string& error) {
  if (text.empty()) {
    error = "the host is missing";
    return false;
  }
  if (text.size() > 253) {
    error = "the host is longer than 253 characters";
    return false;
  }
  out.clear();
  for (char raw : text) {
    const char c = lower(raw);
    const bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (!ok) {
      error =
          "host " + quoted(text) + " holds a character that no host name has (names beyond ASCII are written as xn--…)";
      return false;
    }
    out += c;
  }
  std::string_view labels = out;
  if (labels.back() == '.') labels.remove_suffix(1);
  if (labels.empty() || labels.front() == '.' || labels.find("..") != std::string_view::npos) {
    error = "host " + quoted(text) + " has an empty part between its dots";
    return false;
  }
  // A name whose last part is a number is meant as an address, and resolvers read odd ones in odd ways.
  const std::size_t dot = labels.rfind('.');
  if (is_digits(dot == std::string_view::npos ? labels : labels.substr(dot + 1))) {
    in_addr address{};
    if (inet_pton(AF_INET, out.c_str(), &address) != 1) {
      error = "host " + quoted(text) + " is not an IPv4 address";
      return false;
    }
  }
  return true;
}

inline bool parse_v6(std::string_view text, std::string& out, std::string& error) {
  out.clear();
  for (char c : text) out += lower(c);
  in6_addr address{};
  // inet_pton stops at a NUL, which therefore may not be in the text.
  if (out.find('\0') != std::string::npos || inet_pton(AF_INET6, out.c_str(), &address) != 1) {
    error = "'[" + std::string(text) + "]' is not an IPv6 address";
    return false;
  }
  return true;
}

// host, host:port, [v6], [v6]:port. Leaves port alone where none is written and says so in has_port.
inline bool parse_authority(std::string_view text, Endpoint& out, bool& has_port, std::string& error) {
  has_port = false;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      error = "the ']' after the IPv6 address is missing";
      return false;
    }
    if (!parse_v6(text.substr(1, close - 1), out.host, error)) return false;
    std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return true;
    if (rest.front() != ':') {
      error = "unexpected " + quoted(rest) + " after the IPv6 address";
      return false;
    }
    has_port = true;
    return parse_port(rest.substr(1), out.port, error);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
    error = "an IPv6 address is written in brackets, as in [::1]:8080";
    return false;
  }
  if (!parse_name_or_v4(text.substr(0, colon), out.host, error)) return false;
  if (colon == std::string_view::npos) return true;
  has_port = true;
  return parse_port(text.substr(colon + 1), out.port, error);
}

inline bool parse_path(std::string_view text, std::string& out, std::string& error) {
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '\\') {
      error = "the path holds a space or another character that has to be percent-encoded";
      return false;
    }
    if (c == '#') {
      error = "'#' is never sent to a server: remove it and what follows, or write it as %23";
      return false;
    }
  }
  // "http://host?x=1" asks for the root with a query.
  out = (!text.empty() && text.front() == '?' ? "/" : "") + std::string(text);
  return true;
}

// name@GROUP with a name and a group of which neither is empty.
inline bool parse_reference(std::string_view text, std::string& out, std::string& error) {
  const std::size_t at = text.find('@');
  if (at == 0 || at + 1 == text.size() || text.find('@', at + 1) != std::string_view::npos) {
    error = quoted(text) + " is not of the form name@GROUP";
    return false;
  }
  out = text;
  return true;
}

}  // namespace detail

// Reads `http(s)://host[:port][/path][?query]`, `host:port[/path]`, `[v6]:port[/path]` or `name@GROUP[/path]`. Returns
// false with a text for people otherwise, and leaves out as it was.
inline bool parse_endpoint(std::string_view text, Endpoint& out, std::string& error) {
  constexpr auto npos = std::string_view::npos;
  if (text.empty()) {
    error = "the endpoint is empty";
    return false;
  }
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      error = "the endpoint holds a control character";
      return false;
    }
  }
  Endpoint parts;
  bool has_scheme = false;
  const std::size_t scheme_end = text.find("://");
  // "://" may also stand in the query of an address without a scheme.
  if (scheme_end != npos && text.substr(0, scheme_end).find_first_of("/?@:[") == npos) {
    const std::string_view scheme = text.substr(0, scheme_end);
    has_scheme = true;
    if (detail::same_word(scheme, "https")) {
      parts.tls = true;
    } else if (!detail::same_word(scheme, "http")) {
      error = "scheme " + detail::quoted(scheme) + " is not one the router speaks (http, https)";
      return false;
    }
    text.remove_prefix(scheme_end + 3);
    parts.port = parts.tls ? 443 : 80;
  }
  const std::size_t path_at = text.find_first_of("/?#");
  const std::string_view authority = text.substr(0, path_at);
  if (!detail::parse_path(path_at == npos ? std::string_view{} : text.substr(path_at), parts.path, error)) return false;
  if (authority.find('@') != npos) {
    if (has_scheme) {
      error = "a user name or password in a URL is not supported: use `headers` with Authorization";
      return false;
    }
    if (!detail::parse_reference(authority, parts.lookup, error)) return false;
  } else {
    bool has_port = false;
    if (!detail::parse_authority(authority, parts, has_port, error)) return false;
    if (!has_scheme && !has_port) {
      error = detail::quoted(authority) + " is neither http(s)://host/path, nor host:port/path, nor name@GROUP";
      return false;
    }
  }
  out = std::move(parts);
  return true;
}

// The transport of a protocol's name; without a name the path decides: one that ends in /sse is a legacy SSE server.
// Why a protocol cannot be routed is put into reason, which is left empty otherwise.
inline Wire wire_of(std::string_view protocol, std::string_view path, std::string& reason) {
  using detail::same_word;
  reason.clear();
  if (protocol.empty()) {
    path = path.substr(0, path.find('?'));
    return path.ends_with("/sse") ? Wire::sse : Wire::streamable_http;
  }
  if (same_word(protocol, "mcp-sse") || same_word(protocol, "sse")) return Wire::sse;
  for (std::string_view name : {"mcp-streamable", "mcp-streamable-http", "streamable", "streamable-http",
                                "streamableHttp", "streamable_http", "http", "https"}) {
    if (same_word(protocol, name)) return Wire::streamable_http;
  }
  if (same_word(protocol, "stdio")) {
    reason = "stdio servers are not supported yet";
    return Wire::stdio;
  }
  reason = "protocol " + detail::quoted(protocol) + " is not one the router speaks (mcp-streamable, mcp-sse)";
  return Wire::unroutable;
}

// What a server of this transport usually listens on.
inline std::string_view default_path(Wire wire) { return wire == Wire::sse ? "/sse" : "/mcp"; }

}  // namespace mcpr::url
