// What the host asks of a source: look-ups by name, and announcements.
#include <gmock/gmock.h>

#include "bench.hpp"

namespace mcpr::nacos::test {
namespace {

using ::testing::HasSubstr;

Lookups::Answer find(Bench& bench, const std::string& name) {
  Lookups::Answer got{MCPR_E_INTERNAL, {}, "no answer"};
  bench.sync->lookups().find(name, [&](Lookups::Answer answer) { got = std::move(answer); });
  bench.nacos.run();
  return got;
}

TEST(Lookups, ByGroup) {
  Options options;
  options.namespaces = {"public", "second"};
  for (const bool push : {true, false}) {
    Bench bench(options, push);
    bench.nacos.set_hosts({"public", "G", "calc"}, {{.port = 9101}, {.port = 9102, .healthy = false}});
    bench.nacos.set_hosts({"second", "G", "elsewhere"}, {{.port = 9103}});
    bench.connect();
    const Lookups::Answer got = find(bench, "calc@G");
    ASSERT_EQ(got.status, MCPR_OK) << got.error;
    ASSERT_EQ(got.service.instances.size(), 2U);
    EXPECT_EQ(got.service.instances[0].path, "/mcp");
    EXPECT_FALSE(got.service.instances[1].healthy);
    EXPECT_EQ(find(bench, "calc@G/sse").service.instances[0].path, "/sse");
    EXPECT_EQ(find(bench, "elsewhere@G").service.instances[0].port, 9103);
    EXPECT_EQ(find(bench, "absent@G").status, MCPR_E_NOT_FOUND);
    EXPECT_EQ(find(bench, "@G").status, MCPR_E_INVALID);
    EXPECT_TRUE(bench.shown.empty());
  }
}

TEST(Lookups, OfServersThatAreNotPublished) {
  Options options;
  options.names.exclude = {"weather"};
  options.groups = {{"mcp-server", true}};
  Bench bench(options);
  publish(bench.nacos, {});
  bench.nacos.set_hosts({"public", "mcp-server", "mcp-alpha"}, {{.port = 1}});
  bench.connect();
  ASSERT_EQ(bench.shown.count("weather"), 0U);
  const Lookups::Answer got = find(bench, "weather");
  ASSERT_EQ(got.status, MCPR_OK) << got.error;
  ASSERT_EQ(got.service.instances.size(), 1U);
  EXPECT_EQ(got.service.instances[0].port, 9001);
  EXPECT_EQ(find(bench, "alpha").service.instances.size(), 1U);
  EXPECT_EQ(find(bench, "nothing").status, MCPR_E_NOT_FOUND);
  bench.nacos.http_up = false;
  const Lookups::Answer failed = find(bench, "nothing");
  EXPECT_EQ(failed.status, MCPR_E_UNAVAILABLE);
  EXPECT_THAT(failed.error, HasSubstr("connection refused"));
}

TEST(Lookups, AreAnsweredWhenTheSourceStops) {
  Bench bench;
  bench.connect();
  Lookups::Answer got;
  bench.sync->lookups().find("calc@G", [&](Lookups::Answer answer) { got = std::move(answer); });
  bench.sync->stop([] {});
  EXPECT_EQ(got.status, MCPR_E_CANCELLED);
  bench.nacos.run();
  EXPECT_EQ(find(bench, "calc@G").status, MCPR_E_CANCELLED);
}

sdk::Service router(int instances = 1) {
  sdk::Service service;
  service.name = "mcp-router@service-group";
  service.version = "1.2.3";
  service.metadata = {{"role", "router"}};
  for (int i = 0; i < instances; ++i) {
    sdk::Instance instance;
    instance.host = "127.0.0.1";
    instance.port = static_cast<std::uint16_t>(8051 + i);
    instance.metadata = {{"startTime", "1"}};
    service.instances.push_back(instance);
  }
  return service;
}

std::string announce(Bench& bench, const sdk::Service& service, bool up) {
  std::string error = "no answer";
  bench.sync->announcements().announce(service, up, [&](const std::string& text) { error = text; });
  bench.nacos.run();
  return error;
}

TEST(Announcements, RegisteredAgainAfterAReconnectionAndRemovedInTheEnd) {
  Bench bench;
  bench.connect();
  EXPECT_EQ(announce(bench, router(), true), "");
  ASSERT_EQ(bench.nacos.registrations.size(), 1U);
  const JsonObject& body = bench.nacos.registrations[0];
  EXPECT_EQ(text_in(body, "type"), "registerInstance");
  EXPECT_EQ(text_in(body, "serviceName"), "mcp-router");
  EXPECT_EQ(text_in(body, "groupName"), "service-group");
  const JsonObject& instance = *object_in(body, "instance");
  EXPECT_TRUE(flag_in(instance, "ephemeral", false));
  EXPECT_EQ(port_in(instance, "port"), 8051);
  EXPECT_EQ(pairs_in(instance, "metadata"),
            (sdk::KeyValues{{"role", "router"}, {"startTime", "1"}, {"version", "1.2.3"}}));

  bench.nacos.disconnect();
  bench.nacos.connect();
  bench.pass(Millis(100));
  EXPECT_EQ(bench.nacos.registrations.size(), 2U);
  EXPECT_EQ(announce(bench, router(), false), "");
  EXPECT_EQ(text_in(bench.nacos.registrations.back(), "type"), "deregisterInstance");
  bench.nacos.disconnect();
  bench.nacos.connect();
  bench.pass(Millis(100));
  EXPECT_EQ(bench.nacos.registrations.size(), 3U);
}

TEST(Announcements, SeveralInstancesGoTogether) {
  Bench bench;
  bench.connect();
  EXPECT_EQ(announce(bench, router(2), true), "");
  EXPECT_EQ(text_in(bench.nacos.registrations[0], "type"), "batchRegisterInstance");
  EXPECT_EQ(array_in(bench.nacos.registrations[0], "instances")->size(), 2U);
}

TEST(Announcements, WithoutAConnectionTheyWait) {
  Bench bench;
  bench.sync->start();
  EXPECT_THAT(announce(bench, router(), true), HasSubstr("once there is one"));
  bench.nacos.connect();
  bench.pass(Millis(100));
  EXPECT_EQ(bench.nacos.registrations.size(), 1U);
}

TEST(Announcements, ARefusedOneIsTriedAgain) {
  Bench bench;
  bench.connect();
  bench.nacos.refuse["InstanceRequest"] = 500;
  EXPECT_EQ(announce(bench, router(), true), "refused by the test");
  bench.nacos.refuse.clear();
  bench.pass(Millis(2'000));
  EXPECT_EQ(bench.nacos.registrations.size(), 1U);
}

TEST(Announcements, TheNameAndTheInstancesAreChecked) {
  Bench bench;
  bench.connect();
  sdk::Service service = router();
  service.name = "@G";
  EXPECT_THAT(announce(bench, service, true), HasSubstr("name@GROUP"));
  service = router(0);
  EXPECT_THAT(announce(bench, service, true), HasSubstr("no instance"));
}

TEST(Announcements, StopRemovesThemWithinABoundedTime) {
  Bench bench;
  bench.connect();
  announce(bench, router(), true);
  bool stopped = false;
  bench.sync->stop([&] { stopped = true; });
  bench.nacos.run();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(text_in(bench.nacos.registrations.back(), "type"), "deregisterInstance");
}

}  // namespace
}  // namespace mcpr::nacos::test
