// What Nacos writes, read and made into services. The documents were recorded from Nacos 3.1.0, and shortened.
#include <gmock/gmock.h>

#include "model/mcp_service.hpp"
#include "model/naming_service.hpp"

namespace mcpr::nacos {
namespace {

using ::testing::HasSubstr;
using Places = std::vector<std::string>;

constexpr std::string_view kList = R"({"totalCount":2,"pageNumber":1,"pagesAvailable":1,"pageItems":[
 {"id":"0388587f-b098-40b2-8190-8acc7ca30f7d","name":"weather","protocol":"mcp-streamable","frontProtocol":"mcp-streamable",
  "description":"d","repository":null,"packages":null,"versionDetail":{"version":"1.0.0","is_latest":true},"version":"1.0.0",
  "remoteServerConfig":null,"localServerConfig":null,"enabled":true,"status":"active","capabilities":["TOOL"],
  "latestPublishedVersion":"1.0.0","versionDetails":[{"version":"1.0.0","is_latest":true},{"version":"2.0.0-draft","is_latest":null}]},
 {"id":"b","name":"draft","protocol":"mcp-sse","latestPublishedVersion":null,"versionDetails":[{"version":"0.1"}]},
 {"name":"old","protocol":"mcp-sse","versionDetail":{"version":"9"}}]})";

constexpr std::string_view kDetail =
    R"({"id":"0388587f-b098-40b2-8190-8acc7ca30f7d","name":"weather","protocol":"mcp-streamable",
 "frontProtocol":"mcp-streamable","description":"d","versionDetail":{"version":"1.0.0","is_latest":true},"version":"1.0.0",
 "remoteServerConfig":{"serviceRef":{"namespaceId":"public","groupName":"mcp-endpoints","serviceName":"weather::1.0.0","transportProtocol":null},
  "exportPath":"/mcp","frontEndpointConfigList":[
   {"type":"mcp-streamable","protocol":"https","endpointType":"DIRECT","endpointData":"gw.example:8443","path":"/mcp/gw","headers":[{"value":"v","name":"X-Key"}]},
   {"type":"mcp-sse","protocol":"http","endpointType":"REF","endpointData":{"namespaceId":"public","groupName":"DEFAULT_GROUP","serviceName":"gwsvc"},"path":"/b","headers":null},
   {"type":"mcp-sse","protocol":"http","endpointType":"BACKEND","endpointData":"","path":"/c","headers":null}]},
 "localServerConfig":null,"enabled":true,"status":"active","capabilities":["TOOL"],
 "backendEndpoints":[{"protocol":null,"address":"127.0.0.1","port":9001,"path":"/mcp","headers":null}],
 "frontendEndpoints":[{"protocol":"https","address":"gw.example","port":8443,"path":"/mcp/gw","headers":[{"value":"v","name":"X-Key"}]},
  {"protocol":null,"address":"127.0.0.1","port":9001,"path":"/mcp","headers":null}],
 "toolSpec":{"specificationType":null,"encryptData":null,"tools":[{"name":"get_forecast","description":"forecast","inputSchema":{"type":"object"}}],
  "toolsMeta":{"get_forecast":{"invokeContext":null,"enabled":false,"templates":{}}},"securitySchemes":[]},
 "allVersions":[{"version":"1.0.0","is_latest":true},{"version":"2.0.0-draft","is_latest":false}],"namespaceId":"public"})";

constexpr std::string_view kServer =
    R"({"id":"0388587f","name":"weather","protocol":"PROTOCOL","frontProtocol":"mcp-streamable","description":"d",
 "versionDetail":{"version":"1.0.0"},"remoteServerConfig":{"serviceRef":{"namespaceId":"public","groupName":"mcp-endpoints","serviceName":"weather::1.0.0"},
  "exportPath":"mcp","frontEndpointConfigList":[
   {"type":"mcp-streamable","protocol":"https","endpointType":"DIRECT","endpointData":"gw.example:8443","path":"/mcp/gw","headers":[{"value":"v","name":"X-Key"}]},
   {"type":"mcp-sse","protocol":"http","endpointType":"REF","endpointData":{"namespaceId":"public","groupName":"DEFAULT_GROUP","serviceName":"gwsvc"},"path":"/b"},
   {"type":"mcp-sse","protocol":"http","endpointType":"BACKEND","endpointData":"","path":"/c"}]},
 "enabled":true,"status":"deprecated","capabilities":["TOOL"],"toolsDescriptionRef":"0388587f-1.0.0-mcp-tools.json"})";

constexpr std::string_view kInstances =
    R"({"name":"mcp-endpoints@@weather::1.0.0","groupName":"mcp-endpoints","clusters":"","cacheMillis":10000,
 "hosts":[{"ip":"127.0.0.1","port":9002,"weight":0.25,"healthy":false,"enabled":true,"ephemeral":false,"clusterName":"c2","metadata":{"zone":"z"}},
  {"ip":"127.0.0.1","port":9001,"weight":1.0,"healthy":true,"enabled":true,"ephemeral":false,"clusterName":"DEFAULT","metadata":{}}],
 "lastRefTime":1795577833148,"checksum":"","allIps":false,"reachProtectionThreshold":false,"valid":true})";

Json json(std::string_view text) {
  Json out;
  std::string error;
  EXPECT_TRUE(parse_json(text, out, error)) << error;
  return out;
}

Places places(const sdk::Service& service) {
  Places out;
  for (const sdk::Instance& instance : service.instances) {
    out.push_back((instance.tls ? "https://" : "http://") + instance.host + ":" + std::to_string(instance.port) +
                  instance.path + (instance.transport == MCPR_TRANSPORT_SSE ? " sse" : ""));
  }
  return out;
}

Server server(std::string_view protocol) {
  std::string text(kServer), error;
  text.replace(text.find("PROTOCOL"), 8, protocol);
  Server out;
  EXPECT_TRUE(read_server_document(text, "public", out, error)) << error;
  return out;
}

Mapped mapped(const Server& from) {
  static const std::vector<Host> backend{{.ip = "127.0.0.1", .port = 9001}}, gateway{{.ip = "10.0.0.9", .port = 80}};
  return to_service(from, [](const ServiceKey& key) { return key.name == "gwsvc" ? &gateway : &backend; });
}

TEST(Reading, TheList) {
  ListPage page;
  std::string error;
  ASSERT_TRUE(read_list(json(kList), page, error)) << error;
  EXPECT_EQ(page.total, 2U);
  ASSERT_EQ(page.items.size(), 3U);
  EXPECT_EQ(page.items[0], (Summary{"0388587f-b098-40b2-8190-8acc7ca30f7d", "weather", "1.0.0", "active"}));
  EXPECT_EQ(page.items[1].version, "");  // drafts only
  EXPECT_EQ(page.items[2], (Summary{"", "old", "9", ""}));
  EXPECT_FALSE(read_list(json("[]"), page, error));
  EXPECT_FALSE(read_list(json("{}"), page, error));
}

TEST(Reading, TheDetail) {
  Detail detail;
  std::string error;
  ASSERT_TRUE(read_detail(json(kDetail), "public", detail, error)) << error;
  EXPECT_EQ(detail.server.version, "1.0.0");
  EXPECT_EQ(detail.server.ref->key, (ServiceKey{"public", "mcp-endpoints", "weather::1.0.0"}));
  ASSERT_EQ(detail.server.tools.size(), 1U);
  EXPECT_FALSE(detail.server.tools[0].enabled);
  const Mapped service = to_service(detail);
  EXPECT_EQ(places(service.service), Places{"http://127.0.0.1:9001/mcp"});
  EXPECT_EQ(service.service.options, "");

  // A plain API behind a gateway: only what the gateway offers.
  detail.server.protocol = "http";
  const Mapped gateway = to_service(detail);
  EXPECT_EQ(places(gateway.service), (Places{"https://gw.example:8443/mcp/gw", "http://127.0.0.1:9001/mcp sse"}));
  EXPECT_EQ(gateway.service.options, R"({"headers":{"X-Key":"v"}})");
  EXPECT_FALSE(read_detail(json("{\"id\":\"x\"}"), "public", detail, error));
  EXPECT_FALSE(read_detail(json("3"), "public", detail, error));
}

TEST(Reading, TheDocuments) {
  Summary summary;
  std::string error;
  ASSERT_TRUE(read_versions_document(
      R"({"id":"x","name":"weather","latestPublishedVersion":"1.0.0","versionDetails":[]})", summary, error));
  EXPECT_EQ(summary.version, "1.0.0");
  EXPECT_FALSE(read_versions_document("nothing", summary, error));
  const Server read = server("mcp-streamable");
  EXPECT_EQ(read.frontends.size(), 3U);
  EXPECT_EQ(read.tools_document, "0388587f-1.0.0-mcp-tools.json");
  Server tools;
  ASSERT_TRUE(read_tools_document(
      R"({"tools":[{"name":"a"},{"name":"a"},{"name":""},7],"toolsMeta":{"a":{"enabled":null}}})", tools, error));
  ASSERT_EQ(tools.tools.size(), 1U);
  EXPECT_TRUE(tools.tools[0].enabled);
  ASSERT_TRUE(read_tools_document(R"({"encryptData":{"data":"x"},"tools":null})", tools, error));
  EXPECT_TRUE(tools.tools.empty());
  EXPECT_TRUE(tools.tools_encrypted);
}

TEST(Reading, Instances) {
  ServiceInfo info;
  std::string error;
  ASSERT_TRUE(read_service_info(json(kInstances), info, error)) << error;
  EXPECT_EQ(info.group, "mcp-endpoints");
  EXPECT_EQ(info.name, "weather::1.0.0");
  EXPECT_EQ(info.time, 1795577833148);
  ASSERT_EQ(info.hosts.size(), 2U);
  EXPECT_EQ(info.hosts[0].port, 9001);  // in a fixed order
  EXPECT_FALSE(info.hosts[1].healthy);
  EXPECT_EQ(info.hosts[1].weight, 0.25);
  // v3: the list alone. r-nacos: no groupName. An address without a port is none.
  ASSERT_TRUE(read_service_info(json(R"([{"ip":"1.2.3.4","port":"80"},{"ip":"1.2.3.4"}])"), info, error));
  ASSERT_EQ(info.hosts.size(), 1U);
  ASSERT_TRUE(read_service_info(json(R"({"name":"G@@s","hosts":[]})"), info, error));
  EXPECT_EQ(info.group + "/" + info.name, "G/s");
  EXPECT_FALSE(read_service_info(json(R"({"hosts":{}})"), info, error));
}

TEST(Mapping, TheBackendOfAnMcpServer) {
  const Mapped out = mapped(server("mcp-streamable"));
  EXPECT_EQ(places(out.service), Places{"http://127.0.0.1:9001/mcp"});  // exportPath has no slash
  EXPECT_EQ(out.service.tags, std::vector<std::string>{"deprecated"});
  EXPECT_EQ(places(mapped(server("mcp-sse")).service), Places{"http://127.0.0.1:9001/mcp sse"});
  EXPECT_EQ(wanted_services(server("mcp-sse")).size(), 1U);
}

TEST(Mapping, TheFrontendsOfAPlainApi) {
  const Server api = server("http");
  EXPECT_EQ(places(mapped(api).service),
            (Places{"https://gw.example:8443/mcp/gw", "http://10.0.0.9:80/b sse", "http://127.0.0.1:9001/mcp sse"}));
  EXPECT_EQ(wanted_services(api).size(), 2U);
  Server bare = api;
  bare.frontends.clear();
  EXPECT_THAT(mapped(bare).service.unroutable, HasSubstr("plain API"));
  EXPECT_TRUE(wanted_services(bare).empty());
}

TEST(Mapping, WhatCannotBeRouted) {
  Server from = server("stdio");
  EXPECT_EQ(mapped(from).service.unroutable, "stdio servers are not supported yet");
  from.protocol = "carrier-pigeon";
  from.frontends.clear();
  EXPECT_THAT(mapped(from).service.unroutable, HasSubstr("'carrier-pigeon'"));
  from.protocol = "mcp-sse";
  from.ref.reset();
  EXPECT_EQ(mapped(from).service.unroutable, "Nacos knows no address of it");
}

TEST(Mapping, AnMcpServerWithFrontendsOnly) {
  Server from = server("mcp-sse");
  from.ref.reset();
  EXPECT_EQ(places(mapped(from).service), (Places{"https://gw.example:8443/mcp/gw", "http://10.0.0.9:80/b sse"}));
}

TEST(Mapping, PathsAndSchemes) {
  EXPECT_EQ(normal_path("", url::Wire::sse), "/sse");
  EXPECT_EQ(normal_path("", url::Wire::streamable_http), "/mcp");
  EXPECT_EQ(normal_path("a/b?x=1", url::Wire::sse), "/a/b?x=1");
  EXPECT_EQ(normal_path("?x=http://y", url::Wire::sse), "/?x=http://y");
  EXPECT_EQ(normal_path("https://host:1/a", url::Wire::sse), "/a");
  Mapped out;
  const Wiring plain{url::Wire::sse, "/p", ""};
  add_endpoint(out, {"", "h", 443, "", {}}, plain);
  add_endpoint(out, {"http", "h", 8443, "", {}}, plain);
  add_endpoint(out, {"", "::1", 80, "/q", {}}, plain);
  add_endpoint(out, {"HTTPS", "h", 80, "", {}}, plain);
  EXPECT_EQ(places(out.service),
            (Places{"https://h:443/p sse", "http://h:8443/p sse", "http://::1:80/q sse", "https://h:80/p sse"}));
}

TEST(Mapping, AddressesThatCannotBeUsedAreLeftOutWithANote) {
  Mapped out;
  add_endpoint(out, {"", "h", 0, "", {}}, {});
  add_endpoint(out, {"", "a b", 80, "", {}}, {});
  add_endpoint(out, {"", "h", 80, "/a b", {}}, {});
  add_endpoint(out, {"", "h", 80, "/ok", {{"Host", "evil"}, {"X-A", "1"}}}, {});
  EXPECT_EQ(places(out.service), Places{"http://h:80/ok"});
  EXPECT_EQ(out.notes.size(), 4U);
  EXPECT_EQ(out.service.options, R"({"headers":{"X-A":"1"}})");
}

TEST(Mapping, OneInstanceAPlace) {
  Mapped out;
  add_host(out, {.ip = "1.1.1.1", .port = 80, .healthy = false, .cluster = "a"}, {});
  add_host(out, {.ip = "1.1.1.1", .port = 80, .cluster = "b"}, {});
  add_host(out, {.ip = "1.1.1.1", .port = 80, .enabled = false, .cluster = "c"}, {});
  ASSERT_EQ(out.service.instances.size(), 1U);
  EXPECT_TRUE(out.service.instances[0].healthy);
  EXPECT_EQ(out.service.instances[0].zone, "b");
}

TEST(Mapping, WhatAnInstanceSaysOfItself) {
  Mapped out;
  add_host(
      out,
      {.ip = "1.1.1.1", .port = 80, .weight = 0, .metadata = {{"mcp.eras", "handshake,stateless"}, {"zone", "z1"}}},
      {});
  const sdk::Instance& instance = out.service.instances.at(0);
  EXPECT_EQ(instance.weight_milli, 0U);
  EXPECT_EQ(instance.zone, "z1");
  EXPECT_EQ(instance.eras, static_cast<std::uint32_t>(MCPR_ERA_HANDSHAKE | MCPR_ERA_STATELESS));
}

// ---- plain naming ----

std::string one(sdk::KeyValues metadata, bool v3 = false, const std::string& name = "svc") {
  const std::vector<Host> hosts{{.ip = "h", .port = 80, .metadata = std::move(metadata)}};
  const std::optional<Mapped> out = to_service({"public", "G", name}, hosts, {"mcp-streamable", v3, {}}, nullptr);
  if (!out) return "none";
  return out->service.unroutable.empty() ? places(out->service).at(0) : out->service.unroutable;
}

TEST(Conventions, TransportAndPath) {
  EXPECT_EQ(one({}), "http://h:80/mcp");
  EXPECT_EQ(one({}, true), "http://h:80/sse sse");
  EXPECT_EQ(one({{"sseEndpoint", "events"}}), "http://h:80/events sse");
  EXPECT_EQ(one({{"streamableEndpoint", "/m"}}), "http://h:80/m");
  EXPECT_EQ(one({{"streamableEndpoint", "/m"}, {"sseEndpoint", "/s"}}), "http://h:80/m");
  EXPECT_EQ(one({{"streamableEndpoint", "/m"}, {"sseEndpoint", "/s"}, {"transport.type", "sse"}}), "http://h:80/s sse");
  EXPECT_EQ(one({{"transport.type", "streamable"}}, true), "http://h:80/mcp");
  EXPECT_EQ(one({{"protocol", "mcp-sse"}, {"exportPath", "/x"}}), "http://h:80/x sse");
  EXPECT_EQ(one({{"protocol", "https"}}), "https://h:80/mcp");
  EXPECT_EQ(one({{"scheme", "https"}, {"protocol", "mcp-sse"}}), "https://h:80/sse sse");
  EXPECT_EQ(one({{"secure", "true"}}), "https://h:80/mcp");
  EXPECT_EQ(one({{"sseEndpoint", "http://other:1/events"}}), "http://h:80/events sse");
  EXPECT_THAT(one({{"protocol", "dubbo"}}), HasSubstr("dubbo"));
  EXPECT_EQ(one({{"transport.type", "stdio"}}), "stdio servers are not supported yet");
}

TEST(Conventions, McpRouterV3) {
  EXPECT_EQ(one({{"role", "router"}}, true), "none");
  EXPECT_EQ(one({{"type", "mcp-router"}}, true), "none");
  EXPECT_EQ(one({{"role", "router"}}, false), "http://h:80/mcp");
  EXPECT_EQ(one({{"sseEndpoint", "/sse"}, {"transport.type", "sse"}}, true, "virtual-x"), "http://h:80/mcp/message");
  EXPECT_EQ(one({{"streamableEndpoint", "/m"}}, true, "virtual-x"), "http://h:80/m");
  EXPECT_EQ(short_name("mcp-foo"), "foo");
  EXPECT_EQ(short_name("virtual-foo"), "foo");
  EXPECT_EQ(short_name("mcp-"), "");
  EXPECT_EQ(short_name("foo"), "");
}

TEST(Conventions, WhatTheMetadataSaysOfTheService) {
  const std::vector<Host> hosts{
      {.ip = "h", .port = 80, .metadata = {{"description", "words"}, {"tools.names", "b, a,,b"}, {"version", "1.1"}}}};
  const std::optional<Mapped> out = to_service({"public", "G", "math::2.0"}, hosts, {"mcp-sse", false, {}}, nullptr);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->service.name, "math");
  EXPECT_EQ(out->service.version, "1.1");
  EXPECT_EQ(out->service.description, "words");
  EXPECT_EQ(out->service.tools, (std::vector<sdk::Tool>{{"b"}, {"a"}}));
}

TEST(Conventions, ADubboInstanceAmongMcpOnesIsLeftOut) {
  const std::vector<Host> hosts{{.ip = "h", .port = 80, .metadata = {{"protocol", "dubbo"}}}, {.ip = "h", .port = 81}};
  const std::optional<Mapped> out = to_service({"public", "G", "s"}, hosts, {"mcp-sse", false, {}}, nullptr);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->service.unroutable, "");
  EXPECT_EQ(places(out->service), Places{"http://h:81/sse sse"});
}

}  // namespace
}  // namespace mcpr::nacos
