#include "host/catalog/endpoint.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace mcpr::catalog {
namespace {

Endpoint good(std::string_view text, std::string_view protocol = {}) {
  Endpoint endpoint;
  std::string error;
  EXPECT_TRUE(parse_endpoint(text, protocol, endpoint, error)) << text << ": " << error;
  return endpoint;
}

std::string bad(std::string_view text, std::string_view protocol = {}) {
  Endpoint endpoint;
  std::string error;
  EXPECT_FALSE(parse_endpoint(text, protocol, endpoint, error)) << text;
  EXPECT_EQ(endpoint.instance, Instance{}) << "left as it was";
  EXPECT_FALSE(error.empty());
  return error;
}

TEST(Endpoint, UrlWithAllParts) {
  const Instance i = good("https://Weather.Example.COM:8443/mcp/v1?tenant=a%20b").instance;
  EXPECT_EQ(i.host, "weather.example.com");
  EXPECT_EQ(i.port, 8443);
  EXPECT_TRUE(i.tls);
  EXPECT_EQ(i.path, "/mcp/v1?tenant=a%20b");
  EXPECT_EQ(i.transport, Transport::streamable_http);
  EXPECT_EQ(i.id, "https://weather.example.com:8443/mcp/v1?tenant=a%20b");
}

TEST(Endpoint, PortsAndPathsThatAreNotWritten) {
  EXPECT_EQ(good("http://a").instance.port, 80);
  EXPECT_EQ(good("https://a").instance.port, 443);
  EXPECT_EQ(good("HTTP://a").instance.path, "/mcp");
  EXPECT_EQ(good("http://a", "sse").instance.path, "/sse");
  EXPECT_EQ(good("http://a/", "sse").instance.path, "/");
  EXPECT_EQ(good("http://a?x=1").instance.path, "/?x=1");
  EXPECT_EQ(good("10.0.0.1:9000").instance.path, "/mcp");
  EXPECT_FALSE(good("10.0.0.1:443").instance.tls);
}

TEST(Endpoint, HostAndPortWithoutScheme) {
  const Instance i = good("localhost:9001/tools?u=http://x").instance;
  EXPECT_EQ(i.host, "localhost");
  EXPECT_EQ(i.port, 9001);
  EXPECT_EQ(i.path, "/tools?u=http://x");
  EXPECT_EQ(i.id, "localhost:9001/tools?u=http://x");
}

TEST(Endpoint, Ipv6) {
  const Instance i = good("[::1]:80/x").instance;
  EXPECT_EQ(i.host, "::1");
  EXPECT_EQ(i.port, 80);
  EXPECT_EQ(i.path, "/x");
  EXPECT_EQ(i.id, "[::1]:80/x");
  EXPECT_EQ(good("http://[2001:DB8::1]").instance.host, "2001:db8::1");
  EXPECT_NE(bad("http://[::1/x").find("']'"), std::string::npos);
  EXPECT_NE(bad("http://[::g]/x").find("IPv6"), std::string::npos);
  EXPECT_NE(bad("http://[::1]x/").find("after the IPv6 address"), std::string::npos);
  EXPECT_NE(bad("http://::1/x").find("brackets"), std::string::npos);
  bad("[::1]/x");
}

TEST(Endpoint, ReferenceToARegistry) {
  Endpoint e = good("static-service@DEFAULT_GROUP", "sse");
  EXPECT_EQ(e.lookup, "static-service@DEFAULT_GROUP");
  EXPECT_EQ(e.instance.transport, Transport::sse);
  EXPECT_EQ(e.instance.path, "");
  e = good("weather@DEFAULT_GROUP/sse");
  EXPECT_EQ(e.lookup, "weather@DEFAULT_GROUP");
  EXPECT_EQ(e.instance.path, "/sse");
  EXPECT_EQ(e.instance.transport, Transport::sse);
  EXPECT_EQ(good("weather::1.0@mcp-endpoints").lookup, "weather::1.0@mcp-endpoints");
  bad("@GROUP");
  bad("name@");
  bad("a@b@c");
  EXPECT_EQ(split_lookup("a@G/x/y?z"), (std::pair<std::string_view, std::string_view>("a@G", "/x/y?z")));
  EXPECT_EQ(split_lookup("a@G"), (std::pair<std::string_view, std::string_view>("a@G", "")));
}

TEST(Endpoint, RefusedTexts) {
  EXPECT_NE(bad("").find("empty"), std::string::npos);
  EXPECT_NE(bad("http://user:secret@host/mcp").find("Authorization"), std::string::npos);
  EXPECT_EQ(bad("http://user:secret@host/mcp").find("secret"), std::string::npos) << "no password in an error";
  EXPECT_NE(bad("http://host:0/").find("1 to 65535"), std::string::npos);
  EXPECT_NE(bad("http://host:65536/").find("65535"), std::string::npos);
  EXPECT_NE(bad("http://host:18446744073709551617/").find("65535"), std::string::npos);
  EXPECT_NE(bad("http://host:8x/").find("'8x'"), std::string::npos);
  EXPECT_NE(bad("http://host:/").find("missing"), std::string::npos);
  EXPECT_NE(bad("http:///mcp").find("host is missing"), std::string::npos);
  EXPECT_NE(bad("http://:80/mcp").find("host is missing"), std::string::npos);
  EXPECT_NE(bad(std::string("http://a/\r\nX: y")).find("control"), std::string::npos);
  EXPECT_NE(bad(std::string("http://a\0b/", 11)).find("control"), std::string::npos);
  EXPECT_NE(bad("http://a/b c").find("percent-encoded"), std::string::npos);
  EXPECT_NE(bad("http://a/b#c").find("'#'"), std::string::npos);
  EXPECT_NE(bad("http://a b/").find("host name"), std::string::npos);
  EXPECT_NE(bad("http://a..b/").find("between its dots"), std::string::npos);
  EXPECT_NE(bad("http://127.0.0.256/").find("IPv4"), std::string::npos);
  EXPECT_NE(bad("http://0x7f.1/").find("IPv4"), std::string::npos);
  EXPECT_NE(bad("ftp://a/").find("'ftp'"), std::string::npos);
  EXPECT_NE(bad("weather").find("name@GROUP"), std::string::npos);
  EXPECT_NE(bad("/mcp").find("host is missing"), std::string::npos);
}

TEST(Endpoint, TransportByProtocol) {
  using T = Transport;
  for (auto [protocol, path, expected] : {std::tuple{"mcp-sse", "/mcp", T::sse},
                                          {"sse", "/", T::sse},
                                          {"SSE", "/", T::sse},
                                          {"mcp-streamable", "/sse", T::streamable_http},
                                          {"streamable", "/", T::streamable_http},
                                          {"streamable-http", "/", T::streamable_http},
                                          {"streamableHttp", "/", T::streamable_http},
                                          {"http", "/x/sse", T::streamable_http},
                                          {"https", "/", T::streamable_http},
                                          {"", "/mcp", T::streamable_http},
                                          {"", "/a/sse", T::sse},
                                          {"", "/sse?key=1", T::sse},
                                          {"", "/sse/", T::streamable_http}}) {
    std::string reason;
    EXPECT_EQ(transport_of(protocol, path, reason), expected) << protocol << " " << path;
    EXPECT_EQ(reason, "");
  }
}

TEST(Endpoint, ProtocolsThatCannotBeRouted) {
  Endpoint e = good("grpc://billing:50051", "grpc");
  EXPECT_EQ(e.instance.transport, Transport::unroutable);
  EXPECT_NE(e.unroutable.find("'grpc'"), std::string::npos);
  EXPECT_EQ(good("10.0.0.1:20880", "dubbo").instance.transport, Transport::unroutable);
  e = good("", "stdio");
  EXPECT_EQ(e.instance.transport, Transport::stdio);
  EXPECT_EQ(e.unroutable, "stdio servers are not supported yet");
}

}  // namespace
}  // namespace mcpr::catalog
