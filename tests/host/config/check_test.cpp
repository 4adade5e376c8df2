#include "host/config/check.hpp"

#include <boost/json/parse.hpp>

#include "config_fixture.hpp"

namespace mcpr::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using CheckTest = ConfigTest;

TEST_F(CheckTest, AllUnknownKeysInOneMessage) {
  file("application.yml",
       "server:\n  prot: 80\n  limits:\n    bodi: 1MiB\nmcp:\n  sesion: {ttl: 1m}\n  router:\n    discoveryOrdr: [a]\n "
       " zebra: 1\n");
  arguments = {"--drain.anounce=1s"};
  load();
  EXPECT_THAT(
      said,
      testing::UnorderedElementsAre(
          "application.yml:2:3: unknown key 'server.prot'; did you mean 'server.port'?",
          "application.yml:4:5: unknown key 'server.limits.bodi'; did you mean 'server.limits.body'?",
          "application.yml:6:3: unknown key 'mcp.sesion'; did you mean 'mcp.session'?",
          "application.yml:8:5: unknown key 'mcp.router.discoveryOrdr'; did you mean 'mcp.router.discovery-order'?",
          "application.yml:9:3: unknown key 'mcp.zebra'",
          "command line --drain.anounce: unknown key 'drain.anounce'; did you mean 'drain.announce'?"));
  Problems problems;
  for (const std::string& text : said) problems.push_back({{}, text});
  EXPECT_THAT(ConfigError(problems).what(), testing::StartsWith("the configuration has 6 errors:\n  "));
}

TEST_F(CheckTest, ProblemsAreSortedAndSaidOnce) {
  Problems problems(5);
  const Origin file = Origin::of("f.yml");
  const auto set = [&](std::size_t i, int line, int column, const char* message) {
    if (line > 0) problems[i].origin = file;
    problems[i].origin.line = line;
    problems[i].origin.column = column;
    problems[i].message = message;
  };
  set(0, 3, 1, "c");
  set(1, 0, 0, "no place");
  set(2, 1, 5, "b");
  set(3, 1, 2, "a");
  set(4, 3, 1, "c");
  EXPECT_EQ(describe(in_order(std::move(problems))),
            "the configuration has 4 errors:\n  f.yml:1:2: a\n  f.yml:1:5: b\n  f.yml:3:1: c\n  no place");
}

TEST_F(CheckTest, TooManyProblemsAreCounted) {
  const Problems problems(150, Problem{{}, "x"});
  EXPECT_THAT(describe(problems), testing::EndsWith("\n  x\n  and 50 more"));
}

TEST_F(CheckTest, UnderTheAliasToo) {
  file("application.yml", "spring.ai.alibaba.mcp:\n  router:\n    discovry-order: [a]\n  nacos:\n    server-addr: x\n");
  load();
  EXPECT_THAT(
      said,
      testing::UnorderedElementsAre(
          "application.yml:3:5: unknown key 'mcp.router.discovry-order'; did you mean 'mcp.router.discovery-order'?",
          "application.yml:4:3: unknown key 'spring.ai.alibaba.mcp.nacos'; no installed plugin takes it"));
}

TEST_F(CheckTest, OfOthersIsNamedOnce) {
  file("application.yml",
       "spring:\n  datasource: {url: '${DB_URL}', hikari: {x: 1}}\n  main: {banner-mode: "
       "off}\nmanagement.endpoints.web.exposure.include: '*'\n"
       "logging: {level: {root: info}, pattern: {console: x}}\nserver.tomcat.threads.max: 3\nmcp.persistence.enabled: "
       "true\n"
       "mcp.router: {functionalSse: {enabled: true}, smartRoute.shortCircuit: false}\nmcp.session.redis: {type: local, "
       "pool: {max-total: 20}}\n");
  load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(notes, testing::UnorderedElementsAre(
                         "not the router's and ignored: spring.datasource, spring.main, logging.pattern, management",
                         "without effect in this router: server.tomcat, mcp.router.functionalSse, "
                         "mcp.router.smartRoute, mcp.session.redis.type, "
                         "mcp.session.redis.pool, mcp.persistence"));
}

TEST_F(CheckTest, OnTheCommandLineOthersAreErrors) {
  arguments = {"--sever.port=1", "--management.port=2", "--spring.main.x=3"};
  load();
  EXPECT_THAT(said, ElementsAre("command line --sever.port: unknown key 'sever'; did you mean 'server'?"));
  EXPECT_EQ(notes.size(), 1u);
}

TEST_F(CheckTest, OneKeyInTwoSpellings) {
  file("application.yml", "mcp.session:\n  instance-id: a\n  instanceId: b\nspring.main: {a-b: 1, ab: 2}\n");
  load();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], HasSubstr("application.yml:3:3: 'mcp.session.instanceId' is the same key as 'instance-id' at "));
}

TEST_F(CheckTest, PluginsTakeTheirPrefixes) {
  claims = {{"spring.ai.alibaba.mcp.nacos", "nacos", {}}, {"mcp.router.database", "sqlite", {}}};
  file("application.yml",
       "spring.ai.alibaba.mcp: {nacos: {server-addr: x, what: {ever: 1}}, router: {database: {url: "
       "'${DB}'}}}\nmcp.router.datbase: {a: 1}\n");
  load();
  EXPECT_THAT(said, testing::UnorderedElementsAre(
                        HasSubstr("application.yml:1:92: '${DB}' is neither set in the environment"),
                        "application.yml:2:1: unknown key 'mcp.router.datbase'; did you mean 'mcp.router.database'?"));
}

TEST_F(CheckTest, AnOptionalSourceMayBeConfiguredBeforeItIsInstalled) {
  file("application.yml",
       "mcp.router.discovery-order: [file, {id: nacos, optional: true}]\nspring.ai.alibaba.mcp: {nacos: {a: 1}, other: "
       "{b: 1}}\n");
  load();
  EXPECT_THAT(said, ElementsAre(HasSubstr("unknown key 'spring.ai.alibaba.mcp.other'")));
}

TEST_F(CheckTest, AValueWhereASectionBelongs) {
  file("application.yml", "server: 8052\nmcp: [a]\nadmin:\n");
  load();
  EXPECT_THAT(said, ElementsAre("application.yml:1:9: 'server' is a section, not a value",
                                "application.yml:2:6: 'mcp' is a section, not a list"));
}

TEST_F(CheckTest, Shorthands) {
  arguments = {"--logging.file=/tmp/x.log", "--logging.level=debug"};
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(s.logging.file, "/tmp/x.log");
  EXPECT_EQ(s.logging.levels.at("root"), "debug");
}

}  // namespace
}  // namespace mcpr::config
