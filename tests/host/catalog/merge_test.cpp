#include "host/catalog/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ServicePtr service(std::string name, std::string version = "1", int port = 9000) {
  Service s;
  s.name = std::move(name);
  s.version = std::move(version);
  Instance i;
  i.id = "i";
  i.host = "h";
  i.port = static_cast<std::uint16_t>(port);
  s.instances.push_back(i);
  return std::make_shared<const Service>(std::move(s));
}

ServicePtr reference(std::string name, std::string lookup, std::string protocol = {}) {
  Service s;
  s.name = std::move(name);
  s.lookup = std::move(lookup);
  s.protocol = std::move(protocol);
  return std::make_shared<const Service>(std::move(s));
}

Instance instance(std::string host, std::string path = "/mcp") {
  Instance i;
  i.host = std::move(host);
  i.port = 1;
  i.path = std::move(path);
  return i;
}

// "name=version" of each service in the catalog.
std::vector<std::string> shown(const CatalogPtr& catalog) {
  std::vector<std::string> out;
  for (const Entry& e : catalog->entries()) out.push_back(e.service->name + "=" + e.service->version + "@" + *e.source);
  return out;
}

// "+name", "-name", "~name"
std::vector<std::string> changes(const Merge::Result& result) {
  std::vector<std::string> out;
  for (const auto& c : result.changes) out.push_back((!c.before ? "+" : !c.after ? "-" : "~") + c.name);
  return out;
}

struct MergeTest : ::testing::Test {
  Merge merge;
  Merge::SourceId a = merge.add_source("a");
  Merge::SourceId b = merge.add_source("b");
};

TEST_F(MergeTest, NothingAtFirst) {
  EXPECT_EQ(merge.catalog()->revision(), 0u);
  const auto result = merge.commit();
  EXPECT_FALSE(result.changed);
  EXPECT_EQ(result.catalog, merge.catalog());
}

TEST_F(MergeTest, AddChangeRemove) {
  merge.publish(a, service("y"));
  merge.publish(a, service("x"));
  merge.publish(b, service("z"));
  auto result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("+x", "+y", "+z"));
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=1@a", "y=1@a", "z=1@b"));
  EXPECT_EQ(result.catalog->revision(), 1u);

  merge.publish(a, service("y", "2"));
  merge.withdraw(b, "z");
  result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("~y", "-z"));
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=1@a", "y=2@a"));
}

TEST_F(MergeTest, UnchangedServicesAreTheSameObjects) {
  merge.publish(a, service("x"));
  merge.publish(a, service("y"));
  const auto before = merge.commit().catalog;
  merge.publish(a, service("y", "2"));
  merge.publish(a, service("x"));  // equal to the one that is there
  const auto result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("~y"));
  EXPECT_EQ(result.catalog->find("x")->service, before->find("x")->service);
  EXPECT_EQ(before->find("y")->service->version, "1") << "a catalog never changes";
}

TEST_F(MergeTest, PublishingTheSameAgainIsNoChange) {
  merge.publish(a, service("x"));
  const auto first = merge.commit();
  merge.publish(a, service("x"));
  const auto second = merge.commit();
  EXPECT_FALSE(second.changed);
  EXPECT_EQ(first.catalog, second.catalog);
}

TEST_F(MergeTest, FirstSourceWinsAsAWholeAndTheLossIsSaidOnce) {
  merge.publish(b, service("x", "from-b"));
  EXPECT_THAT(shown(merge.commit().catalog), ElementsAre("x=from-b@b"));
  merge.publish(a, service("x", "from-a"));
  auto result = merge.commit();
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=from-a@a"));
  ASSERT_THAT(result.shadowed, SizeIs(1));
  EXPECT_EQ(result.shadowed[0].service, "x");
  EXPECT_EQ(result.shadowed[0].used, "a");
  EXPECT_EQ(result.shadowed[0].unused, "b");
  merge.publish(b, service("x", "newer"));
  result = merge.commit();
  EXPECT_FALSE(result.changed);
  EXPECT_THAT(result.shadowed, IsEmpty());
}

TEST_F(MergeTest, TakeoverWithoutAGap) {
  merge.publish(a, service("x", "from-a"));
  merge.publish(b, service("x", "from-b"));
  merge.commit();
  merge.withdraw(a, "x");
  auto result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("~x")) << "changed, never gone";
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=from-b@b"));
  merge.publish(a, service("x", "again"));
  result = merge.commit();
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=again@a"));
  EXPECT_THAT(result.shadowed, SizeIs(1)) << "lost anew, said anew";
}

TEST_F(MergeTest, WithdrawingALoserChangesNothing) {
  merge.publish(a, service("x", "from-a"));
  merge.publish(b, service("x", "from-b"));
  merge.commit();
  merge.withdraw(b, "x");
  EXPECT_FALSE(merge.commit().changed);
  merge.withdraw(a, "x");
  EXPECT_THAT(changes(merge.commit()), ElementsAre("-x"));
}

TEST_F(MergeTest, WithdrawOfWhatIsNotThere) {
  merge.withdraw(a, "x");
  merge.publish(a, service("x"));
  merge.withdraw(b, "x");
  EXPECT_THAT(shown(merge.commit().catalog), ElementsAre("x=1@a"));
}

TEST_F(MergeTest, TwoCommandsBeforeOneCommit) {
  merge.publish(a, service("x"));
  merge.withdraw(a, "x");
  const auto result = merge.commit();
  EXPECT_FALSE(result.changed);
  EXPECT_THAT(result.changes, IsEmpty());
  merge.publish(a, service("x"));
  EXPECT_THAT(changes(merge.commit()), ElementsAre("+x"));
}

TEST_F(MergeTest, OrderOfSourcesMayChange) {
  merge.publish(a, service("x", "from-a"));
  merge.publish(b, service("x", "from-b"));
  merge.publish(a, service("only-a"));
  merge.commit();
  merge.set_order(std::array{b, a});
  auto result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("~x"));
  EXPECT_THAT(shown(result.catalog), ElementsAre("only-a=1@a", "x=from-b@b"));
  const auto c = merge.add_source("c");
  merge.publish(c, service("x", "from-c"));
  EXPECT_FALSE(merge.commit().changed);
  merge.set_order(std::array{c});
  EXPECT_THAT(shown(merge.commit().catalog), ElementsAre("only-a=1@a", "x=from-c@c"));
}

TEST_F(MergeTest, RemovingASourceTakesItsServices) {
  merge.publish(a, service("x", "from-a"));
  merge.publish(a, service("y"));
  merge.publish(a, service("message"));
  merge.publish(b, service("x", "from-b"));
  EXPECT_THAT(merge.commit().catalog->problems(), SizeIs(1));
  merge.remove_source(a);
  const auto result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("~x", "-y"));
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=from-b@b"));
  EXPECT_THAT(result.catalog->problems(), IsEmpty());
  merge.publish(a, service("late"));
  EXPECT_FALSE(merge.commit().changed) << "a source that is gone says nothing more";
}

TEST_F(MergeTest, SameServiceFromANewSourceShowsTheSource) {
  merge.publish(a, service("x"));
  merge.publish(b, service("x"));
  merge.commit();
  merge.withdraw(a, "x");
  const auto result = merge.commit();
  EXPECT_TRUE(result.changed);
  EXPECT_EQ(*result.catalog->find("x")->source, "b");
  EXPECT_EQ(*result.changes.at(0).before, *result.changes.at(0).after);
}

TEST_F(MergeTest, Filter) {
  merge.set_filter({"x", "absent"});
  merge.publish(a, service("x"));
  merge.publish(a, service("y"));
  merge.publish(a, service("message"));
  auto result = merge.commit();
  EXPECT_THAT(shown(result.catalog), ElementsAre("x=1@a"));
  EXPECT_THAT(result.catalog->problems(), IsEmpty()) << "what is not wanted is no problem";
  merge.set_filter({});
  result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("+y"));
  EXPECT_THAT(result.new_problems, SizeIs(1));
  merge.set_filter({"y"});
  result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("-x"));
  EXPECT_THAT(result.catalog->problems(), IsEmpty());
}

TEST_F(MergeTest, IllegalNamesAreProblems) {
  merge.publish(a, service("router"));
  merge.publish(a, service("ok"));
  auto result = merge.commit();
  EXPECT_THAT(shown(result.catalog), ElementsAre("ok=1@a"));
  ASSERT_THAT(result.new_problems, SizeIs(1));
  EXPECT_EQ(result.new_problems[0].source, "a");
  EXPECT_EQ(result.new_problems[0].service, "router");
  EXPECT_THAT(result.new_problems[0].reason, HasSubstr("route"));
  merge.publish(a, service("router", "2"));
  result = merge.commit();
  EXPECT_FALSE(result.changed) << "said once";
  EXPECT_THAT(result.catalog->problems(), SizeIs(1));
  merge.withdraw(a, "router");
  result = merge.commit();
  EXPECT_TRUE(result.changed);
  EXPECT_THAT(result.catalog->problems(), IsEmpty());
}

TEST_F(MergeTest, NamesThatCannotBeToldApart) {
  merge.publish(a, service("a%20b", "encoded"));
  EXPECT_THAT(shown(merge.commit().catalog), ElementsAre("a%20b=encoded@a"));
  merge.publish(a, service("a b", "plain"));
  auto result = merge.commit();
  EXPECT_THAT(shown(result.catalog), ElementsAre("a b=plain@a"));
  EXPECT_THAT(changes(result), ElementsAre("+a b", "-a%20b"));
  ASSERT_THAT(result.new_problems, SizeIs(1));
  EXPECT_EQ(result.new_problems[0].service, "a%20b");
  EXPECT_THAT(result.new_problems[0].reason, HasSubstr("'a b'"));
  merge.withdraw(a, "a b");
  result = merge.commit();
  EXPECT_THAT(shown(result.catalog), ElementsAre("a%20b=encoded@a"));
  EXPECT_THAT(result.catalog->problems(), IsEmpty());
}

TEST_F(MergeTest, OrderOfSourcesDecidesCollisionsToo) {
  merge.publish(b, service("a b", "plain"));
  merge.publish(a, service("a%20b", "encoded"));
  EXPECT_THAT(shown(merge.commit().catalog), ElementsAre("a%20b=encoded@a"));
}

TEST_F(MergeTest, DisabledServicesAreShownAndHideLaterSources) {
  Service off = *service("x", "off");
  off.enabled = false;
  merge.publish(a, std::make_shared<const Service>(off));
  merge.publish(b, service("x", "on"));
  merge.publish(b, service("y"));
  const auto catalog = merge.commit().catalog;
  EXPECT_THAT(shown(catalog), ElementsAre("x=off@a", "y=1@b"));
  EXPECT_EQ(why_not_routable(*catalog->find("x")->service), "the service is disabled");
  EXPECT_EQ(why_not_routable(*catalog->find("y")->service), "");
  EXPECT_EQ(catalog->enabled(), 1u);
}

TEST_F(MergeTest, Lookup) {
  merge.publish(a, reference("w", "weather@G", "sse"));
  EXPECT_THAT(merge.lookups(), ElementsAre("weather@G"));
  auto result = merge.commit();
  EXPECT_THAT(std::string(why_not_routable(*result.catalog->find("w")->service)), HasSubstr("not looked up"));
  merge.looked_up("weather@G", {instance("h1"), instance("h2")});
  result = merge.commit();
  EXPECT_THAT(changes(result), ElementsAre("~w"));
  const ServicePtr& w = result.catalog->find("w")->service;
  EXPECT_EQ(why_not_routable(*w), "");
  ASSERT_THAT(w->instances, SizeIs(2));
  EXPECT_EQ(w->instances[1].host, "h2");
  EXPECT_EQ(w->instances[1].transport, Transport::sse) << "the service's protocol goes first";
  merge.looked_up("weather@G", {instance("h1"), instance("h2")});
  EXPECT_FALSE(merge.commit().changed);
  merge.look_up_failed("weather@G", "no source knows 'weather@G'");
  result = merge.commit();
  EXPECT_EQ(why_not_routable(*result.catalog->find("w")->service), "no source knows 'weather@G'");
  EXPECT_THAT(result.catalog->find("w")->service->instances, IsEmpty());
  merge.withdraw(a, "w");
  EXPECT_THAT(merge.lookups(), IsEmpty());
  merge.looked_up("weather@G", {instance("h1")});
  EXPECT_THAT(changes(merge.commit()), ElementsAre("-w"));
}

TEST_F(MergeTest, PathOfAReference) {
  merge.publish(a, reference("w", "weather@G/api/sse"));
  merge.looked_up("weather@G", {instance("h1", "/mcp")});
  const auto catalog = merge.commit().catalog;
  const Instance& i = catalog->find("w")->service->instances.at(0);
  EXPECT_EQ(i.path, "/api/sse");
  EXPECT_EQ(i.transport, Transport::sse);
}

TEST_F(MergeTest, LookupsOfLosersAreKeptForTheTakeover) {
  merge.publish(a, service("w", "direct"));
  merge.publish(b, reference("w", "weather@G"));
  EXPECT_THAT(merge.lookups(), ElementsAre("weather@G"));
  merge.looked_up("weather@G", {instance("h1")});
  merge.commit();
  merge.withdraw(a, "w");
  const auto result = merge.commit();
  EXPECT_EQ(why_not_routable(*result.catalog->find("w")->service), "");
}

TEST_F(MergeTest, TwoServicesOneReference) {
  merge.publish(a, reference("w1", "weather@G"));
  merge.publish(a, reference("w2", "weather@G/sse"));
  merge.publish(a, reference("w1", "weather@G", "sse"));
  EXPECT_THAT(merge.lookups(), ElementsAre("weather@G"));
  merge.looked_up("weather@G", {});
  auto result = merge.commit();
  EXPECT_EQ(why_not_routable(*result.catalog->find("w1")->service), "'weather@G' has no instances");
  merge.withdraw(a, "w1");
  merge.looked_up("weather@G", {instance("h")});
  EXPECT_THAT(changes(merge.commit()), ElementsAre("-w1", "~w2"));
  merge.remove_source(a);
  EXPECT_THAT(merge.lookups(), IsEmpty());
}

TEST_F(MergeTest, TellsWhatEachSourceSays) {
  const Merge::WallTime then = Merge::WallTime{} + std::chrono::seconds(5);
  merge.publish(b, service("x", "2"), then);
  merge.publish(a, service("x", "1"));
  merge.publish(b, service("message"), then);  // a name that the routes have
  merge.commit();
  const auto said = merge.statements("x");
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].source, "a");
  EXPECT_TRUE(said[0].used);
  EXPECT_EQ(said[1].source, "b");
  EXPECT_FALSE(said[1].used);
  EXPECT_EQ(said[1].changed, then);
  EXPECT_EQ(said[1].service->version, "2");
  ASSERT_EQ(merge.statements("message").size(), 1u);
  EXPECT_FALSE(merge.statements("message")[0].problem.empty());
  EXPECT_EQ(merge.count(a), 1u);
  EXPECT_EQ(merge.count(b), 2u);
  merge.withdraw(b, "x");
  EXPECT_EQ(merge.count(b), 1u);
  EXPECT_TRUE(merge.statements("nobody").empty());
}

TEST(Catalog, FindsAndCountsTheEnabled) {
  Merge merge;
  const auto a = merge.add_source("a");
  EXPECT_EQ(merge.catalog()->enabled(), 0u);
  EXPECT_EQ(merge.catalog()->find("x"), nullptr);
  merge.publish(a, service("m"));
  EXPECT_EQ(merge.commit().catalog->enabled(), 1u);
  for (const char* name : {"a", "z", "k"}) merge.publish(a, service(name));
  const auto catalog = merge.commit().catalog;
  EXPECT_EQ(catalog->enabled(), 4u);
  for (const char* name : {"a", "k", "m", "z"}) {
    ASSERT_TRUE(catalog->find(name));
    EXPECT_EQ(catalog->find(name)->service->name, name);
  }
  for (const char* name : {"", "A", "b", "zz", "ma"}) EXPECT_EQ(catalog->find(name), nullptr) << name;
}

TEST(Catalog, WhyNotRoutable) {
  Service s;
  EXPECT_EQ(why_not_routable(s), "the service has no instances");
  s.unroutable = "because";
  EXPECT_EQ(why_not_routable(s), "because");
}

// Many changes at random, against the plain rule: first source by rank that has the name.
TEST(Merge, RandomAgainstTheRule) {
  std::uint32_t seed = 7;
  const auto next = [&](std::uint32_t n) { return (seed = seed * 1664525u + 1013904223u, (seed >> 16) % n); };
  Merge merge;
  const std::array<Merge::SourceId, 3> ids{merge.add_source("0"), merge.add_source("1"), merge.add_source("2")};
  std::array<Merge::SourceId, 3> order = ids;
  std::array<std::map<std::string, ServicePtr>, 3> published;
  for (int round = 0; round < 2000; ++round) {
    const std::uint32_t source = next(3);
    const std::string name = "s" + std::to_string(next(12));
    if (const auto what = next(10); what < 6) {
      published[source][name] = service(name, std::to_string(next(3)));
      merge.publish(ids[source], published[source][name]);
    } else if (what < 9) {
      published[source].erase(name);
      merge.withdraw(ids[source], name);
    } else {
      std::swap(order[next(3)], order[next(3)]);
      merge.set_order(order);
    }
    if (next(3) != 0) continue;
    std::map<std::string, std::string> expected;
    for (auto id : order) {
      for (const auto& [n, s] : published[id]) expected.try_emplace(n, s->version + "@" + std::to_string(id));
    }
    std::map<std::string, std::string> got;
    const auto catalog = merge.commit().catalog;
    for (const Entry& e : catalog->entries()) got[e.service->name] = e.service->version + "@" + *e.source;
    ASSERT_EQ(got, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace mcpr::catalog
