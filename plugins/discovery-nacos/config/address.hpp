// Where a Nacos server is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcpr::nacos {

struct Address {
  std::string host;  // no brackets around IPv6
  std::uint16_t port = 8848;
  bool tls = false;                // https
  std::string context = "/nacos";  // empty, or with a slash in front and none behind
  bool operator==(const Address&) const = default;

  std::string authority() const;                // host:port
  std::string authority(unsigned other) const;  // with another port
  std::string url() const;                      // http://host:port/nacos
};

// `host`, `host:port`, `[v6]:port`, `http(s)://host[:port][/context]`; without a scheme, the port is 8848 and
// tls_by_default decides. False with a text for people where it is none of these.
bool parse_address(std::string_view text, std::string_view default_context, bool tls_by_default, Address& out,
                   std::string& error);

// "nacos", "/nacos/" and "/nacos" are one context path; "/" is none.
std::string normal_context(std::string_view text);

}  // namespace mcpr::nacos
