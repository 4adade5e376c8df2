// Nacos 3's MCP registry, pushed and polled.
#include <gmock/gmock.h>

#include "bench.hpp"

namespace mcpr::nacos::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string id_of(int i) { return "id-" + std::to_string(i); }

FakeServer numbered(int i) {
  FakeServer server;
  server.id = id_of(i);
  server.name = "server-" + std::to_string(i);
  server.tools = false;
  return server;
}

TEST(Registry, PublishesWhatIsThere) {
  Bench bench;
  publish(bench.nacos, {});
  bench.connect();
  ASSERT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP);
  const sdk::Service& service = bench.shown.at("weather");
  EXPECT_EQ(service.version, "1.0.0");
  EXPECT_EQ(service.description, "weather server");
  EXPECT_EQ(service.protocol, "mcp-streamable");
  EXPECT_EQ(service.unroutable, "");
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9001/mcp"});
  ASSERT_EQ(service.tools.size(), 2U);
  EXPECT_TRUE(service.tools[0].enabled);
  EXPECT_EQ(service.tools[1].name, "hidden");
  EXPECT_FALSE(service.tools[1].enabled);
}

TEST(Registry, AnEmptyRegistryIsLoadedToo) {
  Bench bench;
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP);
}

TEST(Registry, ServersComeAndGo) {
  Bench bench;
  bench.connect();
  publish(bench.nacos, {});
  bench.pass(Millis(100));
  EXPECT_EQ(bench.events, std::vector<std::string>{"+weather"});
  unpublish(bench.nacos, {});
  bench.pass(Millis(100));
  EXPECT_EQ(bench.events.back(), "-weather");
  EXPECT_TRUE(bench.nacos.listening().empty());
  EXPECT_TRUE(bench.nacos.subscribed().empty());
}

TEST(Registry, ChangedContentIsReadAgain) {
  Bench bench;
  FakeServer server;
  publish(bench.nacos, server);
  bench.connect();
  server.description = "another";
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, server.version)},
                         server_document_of(server));
  bench.pass(Millis(100));
  EXPECT_EQ(bench.shown.at("weather").description, "another");
  bench.nacos.put_config({"public", "mcp-tools", tools_document(server.id, server.version)},
                         R"({"tools":[{"name":"only"}]})");
  bench.pass(Millis(100));
  ASSERT_EQ(bench.shown.at("weather").tools.size(), 1U);
  EXPECT_EQ(bench.shown.at("weather").tools[0].name, "only");
  // Nothing else was published.
  EXPECT_EQ(bench.events.size(), 3U);
}

TEST(Registry, AChangeBetweenReadingAndListeningIsNotMissed) {
  Bench bench;
  FakeServer server;
  publish(bench.nacos, server);
  bench.sync->start();
  bench.nacos.connect();
  bench.nacos.run();  // everything is read; nothing is listened to before some milliseconds have passed
  ASSERT_TRUE(bench.nacos.listening().empty());
  server.description = "changed meanwhile";
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, server.version)},
                         server_document_of(server));
  bench.pass(Millis(100));
  EXPECT_EQ(bench.shown.at("weather").description, "changed meanwhile");
}

TEST(Registry, ARemovedServerIsNotShownWithoutItsToolsFirst) {
  Bench bench;
  FakeServer server;
  publish(bench.nacos, server);
  bench.connect();
  bench.nacos.remove_config({"public", "mcp-tools", tools_document(server.id, server.version)});
  bench.pass(Millis(10));
  unpublish(bench.nacos, server);
  bench.pass(Millis(100));
  EXPECT_EQ(bench.events, (std::vector<std::string>{"+weather", "-weather"}));
}

TEST(Registry, InstancesFollowTheService) {
  Bench bench;
  publish(bench.nacos, {});
  bench.connect();
  const ServiceKey service{"public", "mcp-endpoints", "weather::1.0.0"};
  bench.nacos.set_hosts(service, {{.port = 9001}, {.port = 9002}});
  bench.pass(Millis(10));
  EXPECT_EQ(bench.places("weather"), (Places{"127.0.0.1:9001/mcp", "127.0.0.1:9002/mcp"}));
  bench.nacos.set_hosts(service, {{.port = 9002, .healthy = false, .weight = 0.5}});
  bench.pass(Millis(10));
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9002/mcp unhealthy"});
  EXPECT_EQ(bench.shown.at("weather").instances[0].weight_milli, 500U);
  bench.nacos.set_hosts(service, {});
  bench.pass(Millis(10));
  EXPECT_EQ(bench.places("weather"), Places{});
}

TEST(Registry, TheLatestPublishedVersionIsUsedAndNoDraft) {
  Bench bench;
  FakeServer old, draft;
  draft.version = "3.0.0";
  draft.path = "/draft";
  publish(bench.nacos, old);
  bench.nacos.put_config({"public", "mcp-server", server_document(draft.id, draft.version)}, server_document_of(draft));
  bench.nacos.put_config({"public", "mcp-server-versions", versions_document(old.id)},
                         versions_document_of(old, {"3.0.0"}));
  bench.connect();
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9001/mcp"});

  // It is published: what was shown stays until all of the new version is there.
  publish(bench.nacos, draft, {{.port = 9003}});
  bench.pass(Millis(100));
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9003/draft"});
  EXPECT_EQ(bench.events, (std::vector<std::string>{"+weather", "+weather"}));
  for (const ConfigKey& key : bench.nacos.listening()) EXPECT_EQ(key.data_id.find("1.0.0"), std::string::npos);
  EXPECT_EQ(bench.nacos.subscribed(), (std::vector<ServiceKey>{{"public", "mcp-endpoints", "weather::3.0.0"}}));
}

TEST(Registry, AServerOfDraftsOnlyIsNotShown) {
  Bench bench;
  FakeServer server;
  server.version = "";
  bench.nacos.put_config({"public", "mcp-server-versions", versions_document(server.id)},
                         versions_document_of(server, {"0.1.0"}));
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_TRUE(bench.shown.empty());
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP);
}

TEST(Registry, DisabledIsReadFromTheServerAndNotFromTheList) {
  for (const bool push : {true, false}) {
    Bench bench({}, push);
    FakeServer server;
    server.enabled = false;
    publish(bench.nacos, server);
    bench.connect();
    EXPECT_FALSE(bench.shown.at("weather").enabled) << push;
  }
}

TEST(Registry, NamesAreFiltered) {
  Options options;
  options.names = {{"server-*"}, {"server-2"}};
  Bench bench(options);
  publish(bench.nacos, {});
  for (int i = 1; i <= 3; ++i) publish(bench.nacos, numbered(i));
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.size(), 2U);
  EXPECT_EQ(bench.shown.count("weather") + bench.shown.count("server-2"), 0U);
  // What is not wanted is not read either.
  EXPECT_EQ(bench.nacos.subscribed().size(), 2U);
}

TEST(Registry, TheFirstNamespaceWins) {
  Options options;
  options.namespaces = {"first", "second"};
  Bench bench(options);
  FakeServer one, two;
  one.ns = "first";
  two.ns = "second";
  two.id = "other";
  publish(bench.nacos, two, {{.port = 9002}});
  publish(bench.nacos, one, {{.port = 9001}});
  bench.connect();
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9001/mcp"});
  EXPECT_THAT(bench.notes, Contains(HasSubstr("more than once")));
  unpublish(bench.nacos, one);
  bench.pass(Millis(100));
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9002/mcp"});
  EXPECT_EQ(std::count(bench.events.begin(), bench.events.end(), "-weather"), 0);
}

TEST(Registry, PushesOfEqualServicesInTwoNamespacesAreToldApart) {
  Options options;
  options.namespaces = {"first", "second"};
  for (const bool said : {false, true}) {
    Bench bench(options);
    bench.nacos.says_namespace = said;
    FakeServer one = numbered(1), two = numbered(2);
    one.ns = "first";
    two.ns = "second";
    one.service = two.service = "shared";
    publish(bench.nacos, one, {{.port = 9001}});
    publish(bench.nacos, two, {{.port = 9002}});
    bench.connect();
    bench.nacos.set_hosts({"second", "mcp-endpoints", "shared"}, {{.port = 9003}});
    bench.pass(Millis(100));
    EXPECT_EQ(bench.places("server-1"), Places{"127.0.0.1:9001/mcp"});
    EXPECT_EQ(bench.places("server-2"), Places{"127.0.0.1:9003/mcp"});
    EXPECT_EQ(bench.asked("SubscribeServiceRequest"), said ? 2 : 4);
  }
}

TEST(Registry, BeyondTheWatchLimitTheListIsReadAgainAndAgain) {
  Options options;
  options.poll = Millis(10'000);
  Bench bench(options);
  bench.nacos.watch_limit = 5;
  for (int i = 0; i < 8; ++i) publish(bench.nacos, numbered(i));
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.size(), 8U);
  publish(bench.nacos, numbered(8));
  unpublish(bench.nacos, numbered(7));
  bench.pass(Millis(10'100));
  EXPECT_EQ(bench.shown.count("server-8"), 1U);
  EXPECT_EQ(bench.shown.count("server-7"), 0U);
  // Differences only: nothing else was published or read again.
  EXPECT_EQ(bench.events.size(), 10U);
  for (const std::string& line : bench.nacos.log) {
    if (!line.starts_with("GET /v3/admin/ai/mcp?")) continue;
    EXPECT_THAT(line, HasSubstr("mcpId=id-7&"));
  }
}

TEST(Registry, AListLongerThanAPage) {
  Options options;
  options.page_size = 3;
  Bench bench(options, false);
  for (int i = 0; i < 8; ++i) publish(bench.nacos, numbered(i));
  bench.sync->start();
  bench.pass(Millis(100));
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.size(), 8U);
  EXPECT_EQ(bench.asked("/v3/admin/ai/mcp/list"), 3);
}

TEST(Registry, AnUnnoticedDifferenceIsFoundByTheCount) {
  Bench bench;
  publish(bench.nacos, numbered(1));
  bench.connect();
  // Nacos has reached its limit without our knowing it.
  bench.nacos.watch_limit = 1;
  publish(bench.nacos, numbered(2));
  bench.pass(Millis(1'000));
  EXPECT_EQ(bench.shown.count("server-2"), 0U);
  bench.pass(Millis(61'000));
  EXPECT_EQ(bench.shown.count("server-2"), 1U);
}

TEST(Registry, WithoutPermissionToListTheWatchIsEnough) {
  for (const int code : {403, 404, 0}) {
    Bench bench;
    bench.nacos.refuse["/v3/admin/ai/mcp/list"] = code;
    publish(bench.nacos, {});
    bench.connect();
    EXPECT_TRUE(bench.synced) << code;
    EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << code << bench.health_text;
    EXPECT_EQ(bench.shown.count("weather"), 1U) << code;
  }
}

TEST(Registry, ARefusedWatchIsReplacedByTheList) {
  Bench bench;
  bench.nacos.refuse["ConfigFuzzyWatchRequest"] = 500;
  publish(bench.nacos, numbered(1));
  bench.connect();
  EXPECT_TRUE(bench.synced);
  publish(bench.nacos, numbered(2));
  bench.pass(Millis(10'100));
  EXPECT_EQ(bench.shown.size(), 2U);
  // What is known is pushed nevertheless.
  bench.nacos.set_hosts({"public", "mcp-endpoints", "server-1::1.0.0"}, {{.port = 9009}});
  bench.pass(Millis(10));
  EXPECT_EQ(bench.places("server-1"), Places{"127.0.0.1:9009/mcp"});
}

TEST(Registry, AnOldNacosHasNone) {
  Bench bench;
  bench.nacos.abilities.clear();
  bench.nacos.registry = false;
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(bench.health_text, HasSubstr("no MCP registry"));
}

TEST(Registry, BadDocumentsAreReportedAndTheLastGoodStateStays) {
  Bench bench;
  FakeServer server;
  publish(bench.nacos, server);
  publish(bench.nacos, numbered(1));
  bench.connect();
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, server.version)}, "{ no json");
  bench.pass(Millis(100));
  EXPECT_EQ(bench.shown.size(), 2U);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(bench.health_text, HasSubstr("no JSON"));
  bench.nacos.put_config({"public", "mcp-server", server_document(server.id, server.version)},
                         server_document_of(server));
  bench.pass(Millis(100));
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
}

TEST(Registry, AMissingDocumentIsWaitedForAndDoesNotHoldUpTheOthers) {
  Bench bench;
  FakeServer server;
  publish(bench.nacos, numbered(1));
  bench.nacos.put_config({"public", "mcp-server-versions", versions_document(server.id)}, versions_document_of(server));
  bench.connect();
  EXPECT_FALSE(bench.synced);
  bench.pass(Millis(5'000));
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(bench.health_text, HasSubstr("is missing"));
  publish(bench.nacos, server);
  bench.pass(Millis(100));
  EXPECT_EQ(bench.shown.count("weather"), 1U);
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
}

// ---- the connection ----

TEST(Registry, NacosAwayAtTheStart) {
  Bench bench;
  bench.nacos.http_up = false;
  publish(bench.nacos, {});
  bench.sync->start();
  bench.sync->lost("connection refused");
  bench.pass(Millis(20'000));
  EXPECT_FALSE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DOWN);
  EXPECT_THAT(bench.health_text, HasSubstr("connection refused"));
  bench.nacos.http_up = true;
  bench.nacos.connect();
  bench.pass(Millis(1'000));
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
}

TEST(Registry, GrpcMayComeBackBeforeHttp) {
  Bench bench;
  publish(bench.nacos, {});
  bench.connect();
  bench.nacos.http_up = false;
  bench.nacos.disconnect();
  bench.pass(Millis(30'000));
  bench.nacos.connect();
  bench.pass(Millis(1'000));
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
  // The list, which shows whether the watch is whole, is asked for until it comes.
  bench.nacos.http_up = true;
  const int before = bench.asked("/v3/admin/ai/mcp/list");
  bench.pass(Millis(10'000));
  EXPECT_GT(bench.asked("/v3/admin/ai/mcp/list"), before);
}

TEST(Registry, TwoServersThatAreAwayAreToldOfOnce) {
  Bench bench;
  bench.connect();
  bench.nacos.http_up = false;
  bench.nacos.disconnect("a: refused");
  for (int i = 0; i < 10; ++i) {
    bench.sync->lost(i % 2 ? "a: refused" : "b: refused");
    bench.pass(Millis(1'000));
  }
  const auto lost = [](const std::string& line) { return line.find("gRPC") != std::string::npos; };
  EXPECT_EQ(std::count_if(bench.warnings.begin(), bench.warnings.end(), lost), 2);
}

TEST(Registry, WhatIsKnownStaysWhileNacosIsAway) {
  Bench bench;
  publish(bench.nacos, {});
  bench.connect();
  bench.nacos.http_up = false;
  bench.nacos.disconnect();
  bench.pass(Millis(60'000));
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9001/mcp"});
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  EXPECT_EQ(bench.events.size(), 1U);
}

TEST(Registry, AfterAReconnectionEverythingIsSubscribedAgainAndWhatChangedIsSeen) {
  Bench bench;
  publish(bench.nacos, {});
  publish(bench.nacos, numbered(1));
  publish(bench.nacos, numbered(2));
  bench.connect();
  bench.nacos.disconnect();
  FakeServer changed = numbered(1);
  changed.description = "changed while away";
  publish(bench.nacos, changed);
  unpublish(bench.nacos, numbered(2));
  publish(bench.nacos, numbered(3));
  bench.nacos.connect();
  bench.pass(Millis(1'000));
  EXPECT_EQ(bench.shown.size(), 3U);
  EXPECT_EQ(bench.shown.at("server-1").description, "changed while away");
  EXPECT_EQ(bench.shown.count("server-2"), 0U);
  EXPECT_EQ(bench.nacos.subscribed().size(), 3U);
  // Pushes work again.
  bench.nacos.set_hosts({"public", "mcp-endpoints", "weather::1.0.0"}, {{.port = 9009}});
  bench.pass(Millis(20'000));
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9009/mcp"});
}

TEST(Registry, AnInstanceThatHasNotComeBackAfterARestartIsKeptForAWhile) {
  Bench bench;
  const ServiceKey service{"public", "mcp-endpoints", "weather::1.0.0"};
  publish(bench.nacos, {}, {{.port = 9001}, {.port = 9002}});
  bench.connect();
  bench.nacos.disconnect();
  bench.nacos.set_hosts(service, {});  // Nacos has forgotten its ephemeral instances
  bench.nacos.connect();
  bench.pass(Millis(3'000));
  EXPECT_EQ(bench.places("weather").size(), 2U);
  bench.nacos.set_hosts(service, {{.port = 9001}});
  bench.pass(Millis(3'000));
  EXPECT_EQ(bench.places("weather").size(), 2U);
  // One that is known to have come back and goes again is gone at once.
  bench.nacos.set_hosts(service, {});
  bench.pass(Millis(10));
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9002/mcp"});
  bench.pass(Millis(15'000));
  EXPECT_EQ(bench.places("weather"), Places{});
}

TEST(Registry, WithoutGrpcItIsPolled) {
  Bench bench;
  publish(bench.nacos, numbered(1));
  publish(bench.nacos, numbered(2));
  bench.sync->start();
  bench.sync->lost("refused");
  bench.pass(Millis(3'100));
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.size(), 2U);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  // Every detail is asked for at a version.
  for (const std::string& line : bench.nacos.log) {
    if (!line.starts_with("GET /v3/admin/ai/mcp?")) continue;
    EXPECT_THAT(line, HasSubstr("version=1.0.0"));
  }
  unpublish(bench.nacos, numbered(1));
  publish(bench.nacos, numbered(3));
  bench.nacos.set_hosts({"public", "mcp-endpoints", "server-2::1.0.0"}, {{.port = 9002}});
  bench.pass(Millis(10'100));
  EXPECT_EQ(bench.shown.count("server-1"), 0U);
  EXPECT_EQ(bench.shown.count("server-3"), 1U);
  EXPECT_EQ(bench.places("server-2"), Places{"127.0.0.1:9002/mcp"});

  bench.nacos.connect();
  bench.pass(Millis(100));
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
  bench.nacos.set_hosts({"public", "mcp-endpoints", "server-2::1.0.0"}, {{.port = 9004}});
  bench.pass(Millis(20'000));
  EXPECT_EQ(bench.places("server-2"), Places{"127.0.0.1:9004/mcp"});
}

TEST(Registry, AServerThatAMovingListSkipsIsNotWithdrawn) {
  Options options;
  options.page_size = 1;
  Bench bench(options, false);
  for (int i = 0; i < 3; ++i) publish(bench.nacos, numbered(i));
  bench.sync->start();
  bench.pass(Millis(100));
  ASSERT_EQ(bench.shown.size(), 3U);
  // The documents of a server leave the list for one round only; its detail is still there.
  const ConfigKey versions{"public", "mcp-server-versions", versions_document(id_of(1))};
  const std::string text = bench.nacos.configs.at(versions);
  bench.nacos.configs.erase(versions);
  bench.pass(Millis(10'000));
  bench.nacos.configs[versions] = text;
  bench.pass(Millis(10'000));
  EXPECT_EQ(bench.events.size(), 3U);
}

TEST(Registry, ServersWithoutDocumentsThatWeKnowAreReadByTheirDetail) {
  Bench bench;
  publish(bench.nacos, numbered(1));
  bench.nacos.refuse["ConfigFuzzyWatchRequest"] = 500;
  bench.nacos.refuse["ConfigQueryRequest"] = 300;
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.places("server-1"), Places{"127.0.0.1:9001/mcp"});
}

TEST(Registry, AFailingQueryIsRepeated) {
  Bench bench;
  publish(bench.nacos, {});
  bench.nacos.refuse["ConfigQueryRequest"] = 500;
  bench.nacos.refuse["SubscribeServiceRequest"] = 500;
  bench.connect();
  EXPECT_FALSE(bench.synced);
  bench.nacos.refuse.clear();
  bench.pass(Millis(10'000));
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.places("weather"), Places{"127.0.0.1:9001/mcp"});
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
}

TEST(Registry, WithoutPermissionToReadTheReasonIsToldOnceForAll) {
  Bench bench;
  for (int i = 0; i < 5; ++i) publish(bench.nacos, numbered(i));
  bench.nacos.refuse["ConfigQueryRequest"] = 403;
  bench.nacos.refuse["ConfigBatchListenRequest"] = 403;
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_DEGRADED);
  EXPECT_EQ(bench.health_text, "the MCP servers of namespace public cannot be read: refused by the test");
  EXPECT_EQ(bench.warnings.size(), 1U);
  // The permission is given.
  bench.nacos.refuse.clear();
  bench.pass(Millis(20'000));
  EXPECT_EQ(bench.shown.size(), 5U);
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
}

TEST(Registry, WithoutALoginNothingIsLoaded) {
  Bench bench;
  publish(bench.nacos, {});
  for (const char* what : {"ConfigFuzzyWatchRequest", "/v3/admin/ai/mcp/list"}) bench.nacos.refuse[what] = 403;
  bench.sync->refused_without_login("login failed");
  bench.connect();
  EXPECT_FALSE(bench.synced) << "else it would take the place of one that has something";
  EXPECT_EQ(bench.health, MCPR_HEALTH_DOWN);
  EXPECT_THAT(bench.health_text, HasSubstr("login failed"));
  bench.nacos.refuse.clear();
  bench.sync->refused_without_login("");
  bench.pass(Millis(1'000));
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.health, MCPR_HEALTH_UP) << bench.health_text;
  EXPECT_EQ(bench.shown.count("weather"), 1U);
}

TEST(Registry, ThousandServersAtOnce) {
  Bench bench;
  for (int i = 0; i < 1'000; ++i) publish(bench.nacos, numbered(i));
  bench.connect();
  EXPECT_TRUE(bench.synced);
  EXPECT_EQ(bench.shown.size(), 1'000U);
  EXPECT_EQ(bench.asked("ConfigQueryRequest"), 2'000);
  EXPECT_LT(bench.asked("ConfigBatchListenRequest"), 50);
}

}  // namespace
}  // namespace mcpr::nacos::test
