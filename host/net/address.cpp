#include "host/net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

namespace mcpr::net {

std::optional<Address> Address::numeric(std::string_view host, std::uint16_t port) {
  const std::string text(host);
  Address out;
  if (inet_pton(AF_INET, text.c_str(), &out.addr_.v4.sin_addr) == 1) {
    out.addr_.v4.sin_family = AF_INET;
    out.addr_.v4.sin_port = htons(port);
    return out;
  }
  if (inet_pton(AF_INET6, text.c_str(), &out.addr_.v6.sin6_addr) == 1) {
    out.addr_.v6.sin6_family = AF_INET6;
    out.addr_.v6.sin6_port = htons(port);
    return out;
  }
  return std::nullopt;
}

Address Address::of(const sockaddr* addr) {
  Address out;
  if (addr->sa_family == AF_INET6) {
    std::memcpy(&out.addr_.v6, addr, sizeof(sockaddr_in6));
  } else {
    std::memcpy(&out.addr_.v4, addr, sizeof(sockaddr_in));
  }
  return out;
}

std::string Address::ip() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  if (!v6()) {
    inet_ntop(AF_INET, &addr_.v4.sin_addr, buffer, sizeof buffer);
  } else if (IN6_IS_ADDR_V4MAPPED(&addr_.v6.sin6_addr)) {
    inet_ntop(AF_INET, &addr_.v6.sin6_addr.s6_addr[12], buffer, sizeof buffer);
  } else {
    inet_ntop(AF_INET6, &addr_.v6.sin6_addr, buffer, sizeof buffer);
  }
  return buffer;
}

std::string Address::text() const {
  const std::string host = ip();
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port());
}

bool Address::loopback() const {
  if (!v6()) return (ntohl(addr_.v4.sin_addr.s_addr) >> 24) == 127;
  if (IN6_IS_ADDR_V4MAPPED(&addr_.v6.sin6_addr)) return addr_.v6.sin6_addr.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&addr_.v6.sin6_addr);
}

bool Address::operator==(const Address& other) const {
  if (v6() != other.v6() || port() != other.port()) return false;
  return v6() ? std::memcmp(&addr_.v6.sin6_addr, &other.addr_.v6.sin6_addr, sizeof(in6_addr)) == 0
              : addr_.v4.sin_addr.s_addr == other.addr_.v4.sin_addr.s_addr;
}

namespace {

Resolved resolve_blocking(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  Resolved out;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) {
    out.error = "cannot resolve " + host + ": " + gai_strerror(code);
    return out;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> guard(found, &freeaddrinfo);
  for (const addrinfo* at = found; at; at = at->ai_next) out.addresses.push_back(Address::of(at->ai_addr));
  return out;
}

}  // namespace

void resolve(Loop& loop, BlockingPool& pool, const std::string& host, std::uint16_t port,
             UniqueFunction<void(Resolved)> done) {
  if (const auto address = Address::numeric(host, port)) return done(Resolved{{*address}, {}});
  auto shared = std::make_shared<UniqueFunction<void(Resolved)>>(std::move(done));
  const bool accepted = pool.run([&loop, shared, host, port] {
    loop.post([shared, result = resolve_blocking(host, port)]() mutable { (*shared)(std::move(result)); });
  });
  if (!accepted) (*shared)(Resolved{{}, "cannot resolve " + host + ": too many look-ups are waiting"});
}

}  // namespace mcpr::net
