// Plain naming: the services of configured groups, with and without mcp-router-v3's rules and documents.
#include <gmock/gmock.h>

#include "bench.hpp"

namespace mcpr::nacos::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

Options groups(std::vector<Options::Group> list) {
  Options options;
  options.groups = std::move(list);
  return options;
}

// Nacos 2.x: neither a registry nor fuzzy watches.
void make_old(FakeNacos& nacos) {
  nacos.abilities.clear();
  nacos.registry = false;
}

TEST(Groups, ServicesComeChangeAndGo) {
  for (const bool push : {true, false}) {
    SCOPED_TRACE(push);
    Bench bench(groups({{"G", false}}), push);
    make_old(bench.nacos);
    bench.nacos.set_hosts({"public", "G", "calc"}, {{.port = 9101, .metadata = {{"sseEndpoint", "/events"}}}});
    bench.nacos.set_hosts({"public", "other", "hidden"}, {{}});
    bench.connect();
    ASSERT_TRUE(bench.synced);
    EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
    EXPECT_EQ(bench.places("calc"), Places{"127.0.0.1:9101/events"});
    EXPECT_EQ(bench.shown.at("calc").instances[0].transport, MCPR_TRANSPORT_SSE);

    bench.nacos.set_hosts({"public", "G", "calc"}, {{.port = 9101}, {.port = 9102}});
    bench.nacos.set_hosts({"public", "G", "late"}, {{.port = 9103}});
    bench.pass(Millis(push ? 100 : 10'100));
    EXPECT_EQ(bench.places("calc"), (Places{"127.0.0.1:9101/mcp", "127.0.0.1:9102/mcp"}));
    bench.pass(Millis(10'100));
    EXPECT_EQ(bench.places("late"), Places{"127.0.0.1:9103/mcp"});

    bench.nacos.set_hosts({"public", "G", "calc"}, {});
    bench.pass(Millis(10'100));
    EXPECT_EQ(bench.places("calc"), Places{});
    bench.nacos.remove_service({"public", "G", "calc"});
    bench.pass(Millis(20'100));
    EXPECT_EQ(bench.shown.count("calc"), 0U);
    EXPECT_EQ(bench.shown.size(), 1U);
  }
}

TEST(Groups, ANewServiceIsSeenAtOnceWhereNacosTellsOfIt) {
  Bench bench(groups({{"G", false}}));
  bench.connect();
  bench.nacos.set_hosts({"public", "G", "calc"}, {{}});
  bench.pass(Millis(200));
  EXPECT_EQ(bench.shown.count("calc"), 1U);
  bench.nacos.remove_service({"public", "G", "calc"});
  bench.pass(Millis(200));
  EXPECT_EQ(bench.shown.count("calc"), 0U);
}

TEST(Groups, AServiceWithoutInstancesIsShownOnceItHasHadOne) {
  Bench bench(groups({{"G", false}}));
  bench.nacos.set_hosts({"public", "G", "calc"}, {});
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_TRUE(bench.shown.empty());
  bench.nacos.set_hosts({"public", "G", "calc"}, {{}});
  bench.pass(Millis(100));
  EXPECT_EQ(bench.places("calc").size(), 1U);
}

TEST(Groups, ByV3HttpWhereV1IsGone) {
  Bench bench(groups({{"G", false}}), false);
  bench.nacos.v1 = false;
  bench.nacos.set_hosts({"public", "G", "calc"}, {{.port = 9101}});
  bench.nacos.set_hosts({"public", "Gother", "no"}, {{.port = 9101}});
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.places("calc"), Places{"127.0.0.1:9101/mcp"});
  EXPECT_EQ(bench.shown.size(), 1U);
}

TEST(Groups, RequiredMetadata) {
  Options options = groups({{"G", false}});
  options.metadata = {{"mcp.type", "server"}};
  Bench bench(options);
  bench.nacos.set_hosts({"public", "G", "calc"}, {{.metadata = {{"mcp.type", "server"}}}, {.port = 9002}});
  bench.nacos.set_hosts({"public", "G", "orders"}, {{.metadata = {{"mcp.type", "client"}}}});
  bench.connect();
  EXPECT_EQ(bench.shown.size(), 1U);
  EXPECT_EQ(bench.places("calc").size(), 1U);
}

TEST(Groups, TheRegistryHasItsOwnGroupAndTheServicesBehindItsServers) {
  Bench bench(groups({{"mcp-endpoints", true}, {"mcp-server", true}}));
  publish(bench.nacos, {});
  FakeServer ref;
  ref.id = "calc-id";
  ref.name = "calc";
  ref.group = "mcp-server";
  ref.service = "calc-svc";
  publish(bench.nacos, ref, {{.port = 9101}});
  bench.nacos.set_hosts({"public", "mcp-endpoints", "left-behind::1.0.0"}, {{.port = 1}});
  bench.nacos.set_hosts({"public", "mcp-server", "plain"}, {{.port = 9102}});
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.size(), 3U);
  EXPECT_EQ(bench.shown.count("weather") + bench.shown.count("calc") + bench.shown.count("plain"), 3U);
  // Once the registry no longer has it, the service is one of its own.
  unpublish(bench.nacos, ref);
  bench.pass(Millis(100));
  EXPECT_EQ(bench.shown.count("calc"), 0U);
  EXPECT_EQ(bench.shown.count("calc-svc"), 1U);
}

TEST(Groups, WithoutARegistryItsGroupIsReadToo) {
  Bench bench(groups({{"mcp-endpoints", true}}));
  make_old(bench.nacos);
  bench.nacos.set_hosts({"public", "mcp-endpoints", "weather::1.0.0"}, {{.port = 9001}});
  bench.nacos.set_hosts({"public", "mcp-endpoints", "weather::1.10.0"}, {{.port = 9002}});
  bench.nacos.set_hosts({"public", "mcp-endpoints", "weather::1.9.0"}, {{.port = 9003}});
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.at("weather").version, "1.10.0");
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9002/sse"});
}

TEST(Groups, AnEphemeralServiceSurvivesARestartOfNacos) {
  Bench bench(groups({{"G", false}}));
  const ServiceKey key{"public", "G", "calc"};
  bench.nacos.set_hosts(key, {{.port = 9101}});
  bench.connect();
  bench.nacos.disconnect();
  bench.nacos.remove_service(key);
  bench.nacos.connect();
  bench.pass(Millis(3'000));
  bench.nacos.set_hosts(key, {{.port = 9101}});
  bench.pass(Millis(40'000));
  EXPECT_EQ(bench.events, std::vector<std::string>{"+calc"});
}

// ---- mcp-router-v3 ----

TEST(V3, ShortNamesVirtualServicesAndNoRouters) {
  Bench bench(groups({{"mcp-server", true}}));
  make_old(bench.nacos);
  bench.nacos.set_hosts({"public", "mcp-server", "mcp-alpha"}, {{.port = 1}});
  bench.nacos.set_hosts({"public", "mcp-server", "virtual-beta"}, {{.port = 2, .metadata = {{"sseEndpoint", "/sse"}}}});
  bench.nacos.set_hosts({"public", "mcp-server", "mcp-gamma"}, {{.port = 3}});
  bench.nacos.set_hosts({"public", "mcp-server", "gamma"}, {{.port = 4}});
  bench.nacos.set_hosts({"public", "mcp-server", "mcp-router-v3"},
                        {{.port = 5, .metadata = {{"type", "mcp-router"}, {"role", "router"}}}});
  bench.connect();
  EXPECT_EQ(bench.places("mcp-alpha"), Places{"127.0.0.1:1/sse"});
  EXPECT_EQ(bench.places("alpha"), Places{"127.0.0.1:1/sse"});
  EXPECT_EQ(bench.places("virtual-beta"), Places{"127.0.0.1:2/mcp/message"});
  EXPECT_EQ(bench.shown.at("beta").options, R"({"headers":{"X-Service-Name":"virtual-beta"}})");
  EXPECT_EQ(bench.places("gamma"), Places{"127.0.0.1:4/sse"});
  EXPECT_EQ(bench.shown.count("mcp-router-v3"), 0U);
}

TEST(V3, ShortNamesCanBeSwitchedOff) {
  Options options = groups({{"mcp-server", true}});
  options.short_names = false;
  Bench bench(options);
  bench.nacos.set_hosts({"public", "mcp-server", "mcp-alpha"}, {{.port = 1}});
  bench.connect();
  EXPECT_EQ(bench.shown.size(), 1U);
}

TEST(V3, ItsConfigDocumentsAreRead) {
  for (const bool push : {true, false}) {
    SCOPED_TRACE(push);
    Bench bench(groups({{"mcp-server", true}}), push);
    make_old(bench.nacos);
    FakeServer server;
    server.id = uuid_of_name("mcp-server-v6");
    server.name = "mcp-server-v6";
    server.protocol = "mcp-sse";
    server.path = "/sse6";
    server.description = "six";
    // The id inside the versions document is another one there.
    bench.nacos.put_config({"public", "mcp-server-versions", versions_document(server.id)},
                           R"({"id":"random","name":"mcp-server-v6","latestPublishedVersion":"1.0.0"})");
    bench.nacos.put_config({"public", "mcp-server", server_document(server.id, "1.0.0")}, server_document_of(server));
    bench.nacos.put_config({"public", "mcp-tools", tools_document(server.id, "1.0.0")},
                           R"({"tools":[{"name":"getPersonById","description":"person"}]})");
    bench.nacos.set_hosts({"public", "mcp-server", "mcp-server-v6"},
                          {{.port = 8071, .metadata = {{"tools.names", "a,b"}, {"version", "0.9"}}}});
    bench.connect();
    ASSERT_TRUE(bench.synced);
    const sdk::Service& service = bench.shown.at("mcp-server-v6");
    EXPECT_EQ(service.description, "six");
    EXPECT_EQ(service.version, "1.0.0");
    ASSERT_EQ(service.tools.size(), 1U);
    EXPECT_EQ(service.tools[0].name, "getPersonById");
    EXPECT_EQ(bench.places("mcp-server-v6"), Places{"127.0.0.1:8071/sse6"});

    server.description = "changed";
    bench.nacos.put_config({"public", "mcp-server", server_document(server.id, "1.0.0")}, server_document_of(server));
    bench.pass(Millis(1'500));
    EXPECT_EQ(bench.shown.at("mcp-server-v6").description, "changed");
  }
}

TEST(V3, DocumentsOfTheVersionOfTheInstance) {
  Bench bench(groups({{"mcp-server", true}}));
  make_old(bench.nacos);
  FakeServer server;
  server.id = uuid_of_name("solo");
  server.name = "solo";
  server.version = "2.1";
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, "2.1")}, server_document_of(server));
  bench.nacos.set_hosts({"public", "mcp-server", "solo"}, {{.port = 8071, .metadata = {{"version", "2.1"}}}});
  bench.connect();
  EXPECT_EQ(bench.shown.at("solo").description, "weather server");
}

TEST(V3, TheOlderFormOfTheDocuments) {
  Bench bench(groups({{"mcp-server", true}}));
  make_old(bench.nacos);
  bench.nacos.put_config({"public", "mcp-server", "shop-mcp-server.json"},
                         R"({"name":"shop-mcp-service","protocol":"mcp-sse","description":"old form"})");
  bench.nacos.put_config({"public", "mcp-tools", "shop-mcp-tools.json"}, R"({"tools":[{"name":"buy"}]})");
  bench.nacos.set_hosts({"public", "mcp-server", "shop-mcp-service"}, {{.port = 8071}});
  bench.connect();
  EXPECT_EQ(bench.shown.at("shop-mcp-service").description, "old form");
  ASSERT_EQ(bench.shown.at("shop-mcp-service").tools.size(), 1U);
}

TEST(V3, WithoutV1HttpTheDocumentsAreReadAgainAndAgain) {
  Bench bench(groups({{"mcp-server", true}}), false);
  bench.nacos.v1 = false;
  bench.nacos.registry = false;
  FakeServer server;
  server.id = uuid_of_name("solo");
  server.name = "solo";
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, "1.0.0")}, server_document_of(server));
  bench.nacos.set_hosts({"public", "mcp-server", "solo"}, {{.port = 8071, .metadata = {{"version", "1.0.0"}}}});
  bench.connect();
  EXPECT_EQ(bench.shown.at("solo").description, "weather server");
  server.description = "later";
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, "1.0.0")}, server_document_of(server));
  bench.pass(Millis(10'500));
  EXPECT_EQ(bench.shown.at("solo").description, "later");
}

TEST(Groups, ARefusedListIsReportedAndDoesNotHoldUpTheOthers) {
  Bench bench(groups({{"G", false}}));
  publish(bench.nacos, {});
  bench.nacos.refuse["ServiceListRequest"] = 403;
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.count("weather"), 1U);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(bench.health_text, HasSubstr("the group G"));
}

}  // namespace
}  // namespace mcpr::nacos::test
