// An IP address with a port, and the resolving of names on the blocking pool.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/net/blocking_pool.hpp"
#include "host/net/loop.hpp"

namespace mcpr::net {

class Address {
 public:
  Address() { addr_.v6 = {}; }
  static std::optional<Address> numeric(std::string_view host, std::uint16_t port);  // no brackets, no name
  static Address of(const sockaddr* addr);                                           // IPv4 or IPv6

  const sockaddr* raw() const { return &addr_.any; }
  socklen_t size() const { return v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  bool v6() const { return addr_.any.sa_family == AF_INET6; }
  std::uint16_t port() const { return ntohs(v6() ? addr_.v6.sin6_port : addr_.v4.sin_port); }
  std::string ip() const;    // an IPv4 address mapped into IPv6 is shown as IPv4
  std::string text() const;  // 127.0.0.1:80, [::1]:80
  bool loopback() const;
  bool operator==(const Address& other) const;

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } addr_;
};

struct Resolved {
  std::vector<Address> addresses;  // in the order of preference; empty: see error
  std::string error;
};

// Calls back on the loop's thread; at once, before it returns, for a numeric host.
void resolve(Loop& loop, BlockingPool& pool, const std::string& host, std::uint16_t port,
             UniqueFunction<void(Resolved)> done);

}  // namespace mcpr::net
