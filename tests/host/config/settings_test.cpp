#include "host/config/settings.hpp"

#include <set>

#include "config_fixture.hpp"
#include "host/config/schema.hpp"
#include "host/config/show.hpp"

namespace mcpr::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

using SettingsTest = ConfigTest;

TEST_F(SettingsTest, Defaults) {
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(s.server.port, 8052);
  EXPECT_EQ(s.server.address, "127.0.0.1");
  EXPECT_EQ(s.server.threads, 2u);
  EXPECT_EQ(s.server.context_path, "");
  EXPECT_THAT(s.server.allowed_hosts, ElementsAre("localhost", "127.0.0.1", "[::1]"));
  EXPECT_THAT(s.server.trusted_proxies, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(s.server.limits.body, 4u << 20);
  EXPECT_EQ(s.server.limits.head, 32u << 10);
  EXPECT_EQ(s.admin.port, 9052);
  EXPECT_TRUE(s.admin.enabled);
  EXPECT_EQ(s.plugins.directory, "/opt/lib/plugins");
  EXPECT_TRUE(s.plugins.strict);
  EXPECT_TRUE(s.plugins.automatic);
  EXPECT_TRUE(s.router.enabled);
  ASSERT_EQ(s.router.discovery_order.size(), 1u);
  EXPECT_EQ(s.router.discovery_order[0].id, "file");
  EXPECT_EQ(s.router.load_balancer, "round-robin");
  EXPECT_EQ(s.router.sse_heartbeat, 15s);
  EXPECT_EQ(s.router.timeouts.connect, 5s);
  EXPECT_EQ(s.router.pool.idle, 4s);
  EXPECT_EQ(s.session.store, Settings::Store::memory);
  EXPECT_EQ(s.session.ttl, 30min);
  EXPECT_EQ(s.session.instance_id, "host-1234");
  EXPECT_EQ(s.redis.host, "localhost");
  EXPECT_EQ(s.redis.port, 6379);
  EXPECT_EQ(s.drain.announce, 5s);
  EXPECT_EQ(s.drain.timeout, 30s);
  EXPECT_THAT(s.logging.levels, ElementsAre(Pair("root", "info")));
}

TEST_F(SettingsTest, EveryKeyOfTheSchemaIsRead) {
  std::set<std::string> read;
  for (const Settings::Value& value : load().values) read.insert(value.key);
  for (const Key& key : schema()) {
    EXPECT_EQ(read.contains(std::string(key.name)), key.type != Type::foreign) << key.name;
  }
}

TEST_F(SettingsTest, DefaultsAreWithinTheirBounds) {
  for (const Key& key : schema()) {
    EXPECT_FALSE(key.description.empty()) << key.name;
    EXPECT_EQ(find_key(key.name), &key) << "two keys with one name: " << key.name;
    EXPECT_FALSE(is_section(key.name)) << key.name;
  }
  load();
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(SettingsTest, LayersInTheirOrder) {
  file("application.yml", "server: {port: 1, threads: 11, address: a}\ndrain.announce: 1s\n");
  file("application-p.yml", "server: {port: 2, threads: 12}\ndrain.announce: 2s\n");
  profiles = {"p"};
  environment = {{"SERVER_PORT", "3"}, {"DRAIN_ANNOUNCE", "3s"}};
  arguments = {"--drain.announce=PT4S"};
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(s.server.address, "a");
  EXPECT_EQ(s.server.threads, 12u);
  EXPECT_EQ(s.server.port, 3);
  EXPECT_EQ(s.drain.announce, 4s);
}

TEST_F(SettingsTest, SpellingsAndAliases) {
  file("application.yml",
       "spring:\n  ai:\n    alibaba:\n      mcp:\n        router:\n          enabled: false\n          serviceNames: "
       "[a, b]\n"
       "          load_balancer: least\n          discovery-order: [one, two]\n          sse: {heartbeat: 3s}\n"
       "mcp.router.loadBalancer: wins\nmcp.session: {instanceId: me, max_streams: 4}\n");
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_FALSE(s.router.enabled);
  EXPECT_THAT(s.router.service_names, ElementsAre("a", "b"));
  EXPECT_EQ(s.router.load_balancer, "wins");
  EXPECT_EQ(s.router.discovery_order.size(), 2u);
  EXPECT_EQ(s.router.sse_heartbeat, 3s);
  EXPECT_EQ(s.session.instance_id, "me");
  EXPECT_EQ(s.session.max_streams, 4u);
}

TEST_F(SettingsTest, ListsAreReplacedMapsAreMerged) {
  file("application.yml", "server: {allowed-hosts: [a, b, c]}\nlogging.level: {root: warn, net: debug}\n");
  file("application-p.yml",
       "server: {allowed-hosts: [d]}\nlogging.level: {net: trace, plugin.file: off}\nserver.trusted-proxies:\n");
  profiles = {"p"};
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(s.server.allowed_hosts, ElementsAre("d"));
  EXPECT_THAT(s.server.trusted_proxies, ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(s.logging.levels, ElementsAre(Pair("net", "trace"), Pair("plugin.file", "off"), Pair("root", "warn")));
}

TEST_F(SettingsTest, ListsOnTheCommandLine) {
  file("application.yml", "server: {allowed-hosts: [a, b, c]}\n");
  arguments = {"--server.allowed-hosts=x, y", "--server.trusted-proxies[0]=10.0.0.0/8",
               "--server.trusted-proxies[1]=::1"};
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(s.server.allowed_hosts, ElementsAre("x", "y"));
  EXPECT_THAT(s.server.trusted_proxies, ElementsAre("10.0.0.0/8", "::1"));
  arguments = {"--server.allowed-hosts[1]=x"};
  load();
  EXPECT_THAT(said, ElementsAre("command line --server.allowed-hosts[1]: 'server.allowed-hosts' has no element [0] "
                                "yet: elements are given without gaps"));
}

TEST_F(SettingsTest, IllTypedValues) {
  file("application.yml",
       "server:\n  port: http\n  limits: {body: 4 parsecs, head: 10}\n  address: [a]\nadmin.enabled: perhaps\n"
       "mcp:\n  session:\n    ttl: 30\n    store: mysql\n  router:\n    sse: 5\nplugins.check-permissions: "
       "lax\nlogging.level.net: loud\n");
  const Settings s = load();
  EXPECT_THAT(
      said,
      testing::UnorderedElementsAre(
          "application.yml:2:9: server.port: expected a whole number, found 'http'",
          "application.yml:3:18: server.limits.body: expected a size (such as 512KiB or 4MiB), found '4 parsecs'",
          "application.yml:3:35: server.limits.head: expected 1024 bytes to 1048576 bytes, found '10'",
          "application.yml:4:12: server.address: expected text, found a list",
          "application.yml:4:12: server.address: is empty; 0.0.0.0 or :: takes all addresses",
          "application.yml:5:16: admin.enabled: expected true or false, found 'perhaps'",
          "application.yml:8:10: mcp.session.ttl: expected 1s to 365d, found '30'",
          "application.yml:9:12: mcp.session.store: expected memory or redis, found 'mysql'",
          "application.yml:11:10: 'mcp.router.sse' is a section, not a value",
          "application.yml:12:28: plugins.check-permissions: expected strict or warn, found 'lax'",
          "application.yml:13:20: logging.level.net: expected trace, debug, info, warn, error or off, found 'loud'"));
  EXPECT_EQ(s.server.port, 8052) << "the default stands in";
}

TEST_F(SettingsTest, ImpossibleValues) {
  file("application.yml",
       "server:\n  servlet.context-path: bridge/\n  allowed-origins: ['*', nonsense]\n  trusted-proxies: [10.0.0.0/33, "
       "proxy]\n"
       "  cors.allow-credentials: true\nadmin.port: 8052\n");
  load();
  EXPECT_THAT(said, ElementsAre(HasSubstr("expected a path such as /mcp-bridge"),
                                HasSubstr("expected an origin such as https://example.com or '*', found 'nonsense'"),
                                HasSubstr("found '10.0.0.0/33'"), HasSubstr("found 'proxy'"),
                                HasSubstr("cannot be true while server.allowed-origins is '*'"),
                                HasSubstr("admin.port: is also server.port")));
}

TEST_F(SettingsTest, AdminPortFollows) {
  arguments = {"--server.port=8051"};
  EXPECT_EQ(load().admin.port, 9051);
  arguments = {"--server.port=0"};
  EXPECT_EQ(load().admin.port, 0);
  arguments = {"--server.port=65000"};
  load();
  EXPECT_THAT(said, ElementsAre("command line --server.port: server.port: leaves no port for the admin listener "
                                "(server.port + 1000): set admin.port"));
  arguments = {"--server.port=65000", "--admin.port=1"};
  EXPECT_EQ(load().admin.port, 1);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(SettingsTest, ContextPathOldAndNew) {
  file("application.yml", "mcp.router.context-path: /old\n");
  EXPECT_EQ(load().server.context_path, "/old");
  arguments = {"--server.servlet.context-path=/new/one"};
  EXPECT_EQ(load().server.context_path, "/new/one");
  arguments = {"--server.servlet.contextPath=/"};
  EXPECT_EQ(load().server.context_path, "");
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(SettingsTest, Redis) {
  file("application.yml",
       "spring.data.redis: {host: spring, port: 7000, password: '${PW:none}', ssl: true, timeout: 2000}\n");
  environment["PW"] = "s:e$c{r}et";
  Settings s = load();
  EXPECT_EQ(s.redis.host, "spring");
  EXPECT_EQ(s.redis.password, "s:e$c{r}et");
  EXPECT_TRUE(s.redis.tls);
  EXPECT_EQ(s.redis.timeout, 2s);
  environment["MCP_SESSION_REDIS_HOST"] = "mine";
  environment["MCP_SESSION_REDIS_PORT"] = "";
  s = load();
  EXPECT_EQ(s.redis.host, "mine");
  EXPECT_EQ(s.redis.port, 7000);
  environment.clear();
  arguments = {"--spring.data.redis.url=rediss://me:p%40ss@[::1]:6380/3"};
  s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(s.redis.host, "::1");
  EXPECT_EQ(s.redis.port, 6380);
  EXPECT_EQ(s.redis.username, "me");
  EXPECT_EQ(s.redis.password, "p@ss");
  EXPECT_EQ(s.redis.database, 3u);
  for (const char* bad : {"http://x", "redis://", "redis://h:0", "redis://h:x", "redis://h/x", "redis://u:%zz@h",
                          "redis://[::1", "redis://[::1]6"}) {
    arguments = {std::string("--spring.data.redis.url=") + bad};
    load();
    EXPECT_THAT(said, ElementsAre("command line --spring.data.redis.url: spring.data.redis.url: expected "
                                  "redis://user:password@host:port/database"))
        << bad;
  }
}

TEST_F(SettingsTest, SecretsAreNotSaid) {
  file("application.yml",
       "spring.data.redis.password: [hunter2]\nadmin.token: hunter2\nmcp.router.services: [{name: a, headers: {k: "
       "hunter2}}]\n");
  const Settings s = load();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(show(s), testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(show(s), HasSubstr("admin.token = (not shown)  # "));
  EXPECT_THAT(show(s), HasSubstr("server.port = 8052  # default"));
}

TEST_F(SettingsTest, DiscoveryOrder) {
  file("application.yml",
       "mcp.router.discovery-order:\n  - file\n  - {id: nacos-eu, plugin: nacos, optional: true, server-addr: "
       "'eu:8848', tags: [a]}\n"
       "  - plugin: database\n    maxPoolSize: ${N:3}\n");
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  const auto& order = s.router.discovery_order;
  ASSERT_EQ(order.size(), 3u);
  EXPECT_EQ(order[0].plugin, "file");
  EXPECT_EQ(order[0].config, "{}");
  EXPECT_EQ(order[1].id, "nacos-eu");
  EXPECT_EQ(order[1].plugin, "nacos");
  EXPECT_TRUE(order[1].optional);
  EXPECT_EQ(order[1].config, R"({"server-addr":"eu:8848","tags":["a"]})");
  EXPECT_EQ(short_text(order[1].origin.text()), "application.yml:3:5");
  EXPECT_EQ(order[2].id, "database");
  EXPECT_EQ(order[2].config, R"({"maxPoolSize":3})");
}

TEST_F(SettingsTest, DiscoveryOrderThatIsWrong) {
  file("application.yml",
       "mcp.router.discovery-order: [file, [x], {optional: true}, {id: file, plugin: file}, {id: a, optional: often}, "
       "{id: {b: c}}, '']\n");
  load();
  EXPECT_THAT(
      said,
      ElementsAre(HasSubstr("1:36: mcp.router.discovery-order: expected a name or a section with an id, found a list"),
                  HasSubstr("a source needs an 'id' or a 'plugin'"), HasSubstr("two sources are called 'file'"),
                  HasSubstr("'optional' of a source is true or false, not 'often'"),
                  HasSubstr("'id' of a source needs a value, found a section"), HasSubstr("a source needs a name")));
  file("application.yml", "mcp.router.discovery-order: []\n");
  EXPECT_THAT(load().router.discovery_order, IsEmpty());
  EXPECT_THAT(said, IsEmpty());
  arguments = {"--mcp.router.discovery-order=a,b"};
  EXPECT_EQ(load().router.discovery_order.size(), 2u);
}

TEST_F(SettingsTest, Diff) {
  file("application.yml", "server.port: 1\nmcp.session.ttl: 1m\nmcp.router.services: [{name: a}]\n");
  const Settings before = load();
  EXPECT_THAT(diff(before, load()).live, IsEmpty());
  file("application.yml",
       "server.port: 2\nmcp.session.ttl: 2m\nmcp.router.services: [{name: b}]\nmcp.session.store: redis\n");
  const Changes changes = diff(before, load());
  EXPECT_THAT(changes.live, ElementsAre("mcp.router.services", "mcp.session.ttl"));
  EXPECT_THAT(changes.restart, ElementsAre("server.port", "mcp.session.store"));
}

TEST_F(SettingsTest, TheManualKnowsEveryKey) {
  std::ifstream in(std::filesystem::path(MCPR_SOURCE_DIR) / "docs/configuration.md");
  const std::string manual((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(manual.empty());
  for (const Key& key : schema()) {
    const std::string start = "| `" + std::string(key.name) + "` |";
    const std::size_t row = manual.find(start);
    if (row == std::string::npos) {
      ADD_FAILURE() << key.name << " is not in docs/configuration.md";
      continue;
    }
    const std::string line = manual.substr(row, manual.find('\n', row) - row);
    if (!key.fallback.empty()) {
      EXPECT_THAT(line, HasSubstr("`" + std::string(key.fallback) + "`"));
    }
    EXPECT_THAT(line, HasSubstr(std::string(key.description)));
  }
}

TEST_F(SettingsTest, TheDefaultFileIsGood) {
  Request request;
  request.file = std::filesystem::path(MCPR_SOURCE_DIR) / "config/application.yml";
  const ConfigTree loaded(read_layers(request));
  Problems problems = loaded.problems();
  const Settings s = make_settings(loaded, {"x", 1, "p"}, problems);
  check_keys(loaded, {}, problems, notes);
  for (const Problem& problem : problems) ADD_FAILURE() << problem.text();
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(s.server.port, 8052);
  EXPECT_NE(loaded.find("mcp.router.services[0].instances[1].port"), nullptr);
}

}  // namespace
}  // namespace mcpr::config
