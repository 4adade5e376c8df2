// Nacos 3's MCP registry: what is read of it and published.
#include <gmock/gmock.h>

#include "bench.hpp"

namespace mcpr::nacos::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace mcpr::nacos::test
