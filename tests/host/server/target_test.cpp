#include "host/server/target.hpp"

#include <gtest/gtest.h>

#include "host/server/guard.hpp"

namespace mcpr::server {
namespace {

TEST(Target, Paths) {
  const struct {
    std::string_view text;
    Endpoint endpoint;
    std::string_view service;
  } cases[] = {
      {"/mcp", Endpoint::mcp, ""},
      {"/mcp/", Endpoint::mcp, ""},
      {"/mcp/a", Endpoint::mcp, "a"},
      {"/mcp/a/", Endpoint::mcp, "a"},
      {"/mcp/%61%2Fb", Endpoint::mcp, "a/b"},
      {"/mcp?serviceName=x%20y", Endpoint::mcp, "x y"},
      {"/mcp/message?sessionId=1", Endpoint::message, ""},
      {"/mcp/a/message?sessionId=1", Endpoint::message, "a"},
      {"/sse/a?transport=sse", Endpoint::sse, "a"},
      {"/sse", Endpoint::sse, ""},
      {"/actuator/health/readiness", Endpoint::readiness, ""},
      {"/actuator/info", Endpoint::info, ""},
      {"/actuator/env", Endpoint::unknown, ""},
      {"/mcpx", Endpoint::unknown, ""},
      {"/mcp/a/b", Endpoint::unknown, ""},
      {"/mcp/%zz", Endpoint::unknown, ""},
      {"/mcp/%6", Endpoint::unknown, ""},
      {"/", Endpoint::unknown, ""},
      {"*", Endpoint::unknown, ""},
      {"", Endpoint::unknown, ""},
  };
  for (const auto& at : cases) {
    const Target target = parse_target(at.text, "");
    EXPECT_EQ(target.endpoint, at.endpoint) << at.text;
    if (at.endpoint != Endpoint::unknown) {
      EXPECT_EQ(target.service, at.service) << at.text;
      EXPECT_EQ(target.named, !at.service.empty()) << at.text;
    }
  }
  EXPECT_EQ(parse_target("/mcp/a/message?x=1&sessionId=s-1#f", "").session_id, "s-1");
}

TEST(Target, ContextPath) {
  EXPECT_EQ(parse_target("/tools/mcp/a", "/tools").endpoint, Endpoint::mcp);
  EXPECT_EQ(parse_target("/mcp/a", "/tools").endpoint, Endpoint::unknown);
  EXPECT_EQ(parse_target("/toolsmcp/a", "/tools").endpoint, Endpoint::unknown);
}

TEST(Target, EncodedSegmentsComeBack) {
  for (const std::string name : {"plain-1.x_~", "with space", "a/b?c#d%", "\xE5\xA4\xA9\xE6\xB0\x94"}) {
    EXPECT_EQ(parse_target("/mcp/" + percent_encode_segment(name), "").service, name);
  }
}

net::Headers fields(std::initializer_list<std::pair<const char*, const char*>> lines) {
  net::Headers out;
  for (const auto& [name, value] : lines) out.add(name, value);
  return out;
}

TEST(Guard, Loopback) {
  const Guard guard(GuardOptions{});
  for (const char* host : {"localhost", "LOCALHOST:8052", "127.0.0.1:1", "[::1]", "[::1]:9"})
    EXPECT_TRUE(guard.host_allowed(fields({{"Host", host}}))) << host;
  for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil", "127.0.0.2", "[::2]"}) {
    EXPECT_FALSE(guard.host_allowed(fields({{"Host", host}}))) << host;
  }
  EXPECT_FALSE(guard.host_allowed(fields({})));
  EXPECT_FALSE(guard.host_allowed(fields({{"Host", "localhost"}, {"Host", "localhost"}})));
  EXPECT_TRUE(guard.origin_allowed(fields({})));
  EXPECT_TRUE(guard.origin_allowed(fields({{"Origin", "https://localhost:3000"}})));
  for (const char* origin :
       {"null", "", "http://evil.example", "file://", "http://localhost@evil.example", "ftp://localhost"}) {
    EXPECT_FALSE(guard.origin_allowed(fields({{"Origin", origin}}))) << origin;
  }
}

TEST(Guard, Lists) {
  const Guard guard({{"mcp.example", "other.example:8443"},
                     {"https://app.example", "http://dev.example:3000"},
                     {"10.0.0.0/8", "::1"}});
  EXPECT_TRUE(guard.host_allowed(fields({{"Host", "MCP.example:443"}})));
  EXPECT_TRUE(guard.host_allowed(fields({{"Host", "other.example:8443"}})));
  EXPECT_FALSE(guard.host_allowed(fields({{"Host", "other.example"}})));
  EXPECT_FALSE(guard.host_allowed(fields({{"Host", "localhost"}})));
  EXPECT_TRUE(guard.origin_allowed(fields({{"Origin", "https://app.example:8443"}})));  // no port stands for all
  EXPECT_TRUE(guard.origin_allowed(fields({{"Origin", "http://dev.example:3000"}})));
  EXPECT_FALSE(guard.origin_allowed(fields({{"Origin", "http://dev.example"}})));
  EXPECT_FALSE(guard.origin_allowed(fields({{"Origin", "http://app.example"}})));
  EXPECT_TRUE(guard.trusted(*net::Address::numeric("10.200.1.1", 1)));
  EXPECT_FALSE(guard.trusted(*net::Address::numeric("11.0.0.1", 1)));
  EXPECT_FALSE(guard.trusted(*net::Address::numeric("127.0.0.1", 1)));
  EXPECT_THROW(Guard({{}, {}, {"10.0.0.0/33"}}), std::invalid_argument);
  EXPECT_THROW(Guard({{}, {}, {"proxy.example"}}), std::invalid_argument);
}

TEST(Guard, AnyHostIsNotTheNullOrigin) {
  const Guard guard({{"*"}, {"*"}, {}});
  EXPECT_TRUE(guard.host_allowed(fields({{"Host", "whatever"}})));
  EXPECT_TRUE(guard.origin_allowed(fields({{"Origin", "https://x"}})));
  EXPECT_FALSE(guard.origin_allowed(fields({{"Origin", "null"}})));
}

TEST(Guard, ForwardedPrefix) {
  const Guard guard(GuardOptions{});
  const net::Address proxy = *net::Address::numeric("127.0.0.1", 1), stranger = *net::Address::numeric("192.0.2.1", 1);
  EXPECT_EQ(guard.forwarded_prefix(proxy, fields({{"X-Forwarded-Prefix", "/a/b-c"}})), "/a/b-c");
  EXPECT_EQ(guard.forwarded_prefix(proxy, fields({{"X-Forwarded-Prefix", "/a/"}})), "/a");
  EXPECT_EQ(guard.forwarded_prefix(stranger, fields({{"X-Forwarded-Prefix", "/a"}})), "");
  for (const char* bad : {"//evil", "/a//b", "a", "/a b", "/a?b", "http://x"}) {
    EXPECT_EQ(guard.forwarded_prefix(proxy, fields({{"X-Forwarded-Prefix", bad}})), "") << bad;
  }
}

}  // namespace
}  // namespace mcpr::server
