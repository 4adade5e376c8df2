// The real sqlite.so on real databases, run by the router's own parts, while other processes write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "host/plugin/discovery_source.hpp"
#include "support.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr {
namespace {

namespace fs = std::filesystem;
using plugin::DiscoverySource;
using sqlite::test::sql;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// What a source has said, in lines: "+name:port" (0: no instance), "-name", "synced", "up ", "degraded TEXT".
class Heard : public plugin::SourceListener {
 public:
  void on_service(const std::string&, catalog::Service service) override {
    const int port = service.instances.empty() ? 0 : service.instances[0].port;
    lines.add("+" + service.name + ":" + std::to_string(port) + (service.enabled ? "" : " disabled") +
              (service.unroutable.empty() ? "" : " " + service.unroutable));
  }
  void on_withdrawn(const std::string&, const std::string& name) override { lines.add("-" + name); }
  void on_synced(const std::string&) override { lines.add("synced"); }
  void on_health(const std::string&, plugin::Health state, const std::string& text) override {
    lines.add(std::string(to_string(state)) + " " + text);
  }
  std::vector<std::string> changes() const {
    std::vector<std::string> out;
    for (const std::string& line : lines.all()) {
      if (line.front() == '+' || line.front() == '-') out.push_back(line);
    }
    return out;
  }
  plugin::test::Lines lines;
};

// Another program, with a library of its own.
void python(const std::string& path, const std::string& code) {
  const std::string command =
      "python3 -c \"import sqlite3,sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); " + code + "\" '" +
      path + "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

struct SqlitePlugin : ::testing::Test {
  void SetUp() override {
    plugin_ = plugin::test::load(folder, folder.install(std::string("sqlite")));
    ASSERT_TRUE(plugin_);
  }
  void TearDown() override {
    for (const auto& source : sources_) stop(*source);
    host.run([this] { sources_.clear(); });
  }
  void stop(DiscoverySource& source) {
    std::promise<std::string> done;
    host.run([&] { source.stop([&](std::string error) { done.set_value(std::move(error)); }); });
    EXPECT_EQ(done.get_future().get(), "");
    host.run([] {});  // the callback has returned
  }
  std::string config(const std::string& more = "") const {
    return "{\"path\": \"" + path + "\", \"poll\": \"20ms\", \"busy-timeout\": \"50ms\"" + (more.empty() ? "" : ", ") +
           more + "}";
  }
  // The text of the error, or nothing.
  std::string start(const std::string& json, const std::string& name = "database") {
    std::string error;
    host.run([&] {
      sources_.push_back(std::make_unique<DiscoverySource>(plugin_, name, host.services, heard));
      if (sources_.back()->start(json, error)) error.clear();
    });
    return error;
  }
  std::string look_up(const std::string& name) {
    std::promise<std::string> answer;
    host.run([&] {
      sources_.back()->lookup(name, [&](std::optional<catalog::Service> found, std::string error) {
        answer.set_value(found ? found->name + ":" + std::to_string(found->instances.at(0).port) : error);
      });
    });
    std::string text = answer.get_future().get();
    host.run([] {});
    return text;
  }
  void seed(const std::string& journal = "DELETE") const {
    sql(path, "PRAGMA journal_mode = " + journal + ";" + sqlite::test::kSeedTable +
                  "INSERT INTO mcp_server_info (name, endpoint) VALUES ('a', 'h:1'), ('b', 'h:2')");
  }

  plugin::test::Folder folder;
  const std::string path = (folder.root() / "x.db").string();
  std::shared_ptr<const plugin::LoadedPlugin> plugin_;
  Heard heard;
  plugin::test::Host host;
  std::vector<std::unique_ptr<DiscoverySource>> sources_;
};

TEST_F(SqlitePlugin, Manifest) {
  const plugin::PluginInfo& info = plugin_->info();
  EXPECT_EQ(info.id, "sqlite");
  EXPECT_THAT(info.aliases, ElementsAre("database"));
  EXPECT_THAT(info.config_prefixes, ElementsAre("mcp.router.database", "mcp.router.sqlite"));
  EXPECT_THAT(info.kinds, ElementsAre("discovery", "command"));
  EXPECT_TRUE(info.unloadable);
}

TEST_F(SqlitePlugin, AnotherProcessCommits) {
  for (const char* journal : {"DELETE", "WAL"}) {
    fs::remove(path);
    seed(journal);
    ASSERT_EQ(start(config()), "");
    ASSERT_TRUE(heard.lines.wait("synced"));
    const std::string mark = std::string("marked-") + journal;
    python(path,
           "db.execute(\\\"UPDATE mcp_server_info SET name = '" + mark + "', endpoint = 'h:77' WHERE name = 'b'\\\")");
    ASSERT_TRUE(heard.lines.wait("+" + mark + ":77"));
    ASSERT_TRUE(heard.lines.wait("-b"));
    stop(*sources_.back());
  }
  EXPECT_THAT(heard.changes(),
              ElementsAre("+a:1", "+b:2", "+marked-DELETE:77", "-b", "+a:1", "+b:2", "+marked-WAL:77", "-b"));
}

TEST_F(SqlitePlugin, TheOwnTablesAndTheirChanges) {
  ASSERT_EQ(start(config("\"create\": true")), "");
  ASSERT_TRUE(heard.lines.wait("synced"));
  python(path,
         "db.executescript(\\\"BEGIN; INSERT INTO services (name) VALUES ('a'), ('b');"
         "INSERT INTO instances (service, url) VALUES ('a', 'http://h:1'), ('b', 'http://h:0'); COMMIT\\\")");
  ASSERT_TRUE(heard.lines.wait("+a:1"));
  ASSERT_TRUE(heard.lines.wait("+b:0 instance row 2 is left out"));
  ASSERT_TRUE(host.log.wait("3 database: service 'b': instance row 2 is left out: instances.url: port '0'"));
  python(path, "db.execute('UPDATE services SET enabled = 0')");
  ASSERT_TRUE(heard.lines.wait("+a:1 disabled"));
  python(path, "db.execute(\\\"DELETE FROM services WHERE name = 'a'\\\")");
  ASSERT_TRUE(heard.lines.wait("-a"));
}

TEST_F(SqlitePlugin, ManyServicesAndOneChange) {
  constexpr std::size_t kMany = 5'000;
  sqlite::test::make_own(path);
  sql(path,
      "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
      "INSERT INTO services (name) SELECT 's' || i FROM n;"
      "INSERT INTO instances (service, url) SELECT name, 'http://h:' || k FROM services, "
      "(SELECT 1 AS k UNION SELECT 2 UNION SELECT 3); COMMIT");
  ASSERT_EQ(start(config()), "");
  ASSERT_TRUE(heard.lines.wait("synced"));
  ASSERT_THAT(heard.changes(), SizeIs(kMany));
  sql(path, "UPDATE services SET enabled = 0 WHERE name = 's77'");
  ASSERT_TRUE(heard.lines.wait("+s77:1 disabled"));
  sql(path, "DELETE FROM services WHERE name = 's78'");
  ASSERT_TRUE(heard.lines.wait("-s78"));
  EXPECT_THAT(heard.changes(), SizeIs(kMany + 2));
}

TEST_F(SqlitePlugin, TheLastGoodStateStays) {
  seed();
  ASSERT_EQ(start(config()), "");
  ASSERT_TRUE(heard.lines.wait("synced"));
  const std::string good = sqlite::test::bytes_of(path);
  const auto put = [&](const std::string& bytes) {
    sqlite::test::write_bytes(path + ".new", bytes);
    fs::rename(path + ".new", path);
  };
  put("no database at all, but long enough to have a header" + std::string(200, '.'));
  ASSERT_TRUE(heard.lines.wait("degraded " + path + ": is not an SQLite database"));
  put(good.substr(0, good.size() / 2));
  ASSERT_TRUE(heard.lines.wait("degraded " + path + ": is damaged"));
  fs::remove(path);
  ASSERT_TRUE(heard.lines.wait("degraded " + path + ": there is no such file"));
  sqlite::test::make_own(path);
  sql(path, "UPDATE schema_version SET version = 2");
  ASSERT_TRUE(heard.lines.wait("degraded " + path + ": its schema has version 2"));
  for (const std::string& line : heard.lines.all()) {
    if (line.starts_with("degraded")) {
      EXPECT_THAT(line, HasSubstr("what was read before stays"));
    }
  }
  EXPECT_THAT(heard.changes(), ElementsAre("+a:1", "+b:2")) << "nothing was withdrawn";
  fs::remove(path + "-wal");
  fs::remove(path + "-shm");
  put(good);
  sql(path, "DELETE FROM mcp_server_info WHERE name = 'a'");
  ASSERT_TRUE(heard.lines.wait("-a"));
  EXPECT_THAT(heard.changes(), ElementsAre("+a:1", "+b:2", "-a"));
}

TEST_F(SqlitePlugin, Locked) {
  seed();
  ASSERT_EQ(start(config()), "");
  ASSERT_TRUE(heard.lines.wait("synced"));
  {
    sqlite::Database other(path, sqlite::test::writer());
    other.execute("BEGIN EXCLUSIVE; UPDATE mcp_server_info SET endpoint = 'h:9' WHERE name = 'a'");
    ASSERT_TRUE(heard.lines.wait("degraded " + path + ": is locked by another process for more than 50 ms"));
    other.execute("COMMIT");
  }
  ASSERT_TRUE(heard.lines.wait("+a:9"));
  EXPECT_THAT(heard.changes(), ElementsAre("+a:1", "+b:2", "+a:9"));
}

TEST_F(SqlitePlugin, StopsWhileItWaitsForALock) {
  seed();
  sqlite::Database other(path, sqlite::test::writer());
  other.execute("BEGIN EXCLUSIVE");
  ASSERT_EQ(start("{\"path\": \"" + path + "\", \"busy-timeout\": \"1h\"}"), "");
  stop(*sources_.back());
}

TEST_F(SqlitePlugin, MissingAndThenThere) {
  ASSERT_EQ(start(config()), "");
  ASSERT_TRUE(heard.lines.wait("down " + path + ": there is no such file"));
  seed();
  ASSERT_TRUE(heard.lines.wait("+a:1"));
  ASSERT_TRUE(heard.lines.wait("synced"));
}

TEST_F(SqlitePlugin, TheDefaultPathMayBeMissing) {
  ASSERT_EQ(start("{\"base-dir\": \"" + folder.root().string() + "\", \"poll\": \"20ms\"}"), "");
  ASSERT_TRUE(heard.lines.wait("synced"));
  EXPECT_TRUE(heard.lines.has("up "));
  EXPECT_TRUE(host.log.has("mcp-router.db is not there; `mcp-router services add` makes it"));
  const std::string there = (folder.root() / "mcp-router.db").string();
  sqlite::test::make_own(there);
  sql(there, "INSERT INTO services (name) VALUES ('a')");
  ASSERT_TRUE(heard.lines.wait("+a:0 it has no rows"));
}

TEST_F(SqlitePlugin, ConfigurationOfTheSeed) {
  seed();
  ASSERT_EQ(start("{\"url\": \"jdbc:sqlite:" + path + "\", \"username\": \"root\", \"min-idle\": 2}"), "");
  ASSERT_TRUE(heard.lines.wait("+a:1"));
  EXPECT_TRUE(host.log.wait("which mean nothing for a file: username, min-idle"));
  EXPECT_THAT(start(R"({"url": "jdbc:mysql://h/d"})"), HasSubstr("jdbc:mysql is a database server"));
  sources_.pop_back();
  ASSERT_EQ(start(R"({"url": "jdbc:mysql://h/d", "enabled": false})", "off"), "");
  EXPECT_TRUE(host.log.wait("off: switched off by enabled: false"));
}

TEST_F(SqlitePlugin, LookUps) {
  seed();
  sql(path, "INSERT INTO mcp_server_info (name, endpoint, enabled) VALUES ('ref', 'x@G', 1), ('off', 'h:4', 0)");
  ASSERT_EQ(start(config(), "my-source"), "");
  EXPECT_EQ(look_up("a"), "a:1");
  for (const char* group : {"my-source", "database", "sqlite"}) EXPECT_EQ(look_up(std::string("a@") + group), "a:1");
  EXPECT_THAT(look_up("a@DEFAULT_GROUP"), HasSubstr("no group 'DEFAULT_GROUP'"));
  EXPECT_THAT(look_up("z"), HasSubstr("has no service 'z'"));
  EXPECT_THAT(look_up("ref"), HasSubstr("refers to x@G itself"));
  EXPECT_THAT(look_up("off"), HasSubstr("is disabled"));
  sql(path, "UPDATE mcp_server_info SET endpoint = 'h:7' WHERE name = 'a'");
  EXPECT_EQ(look_up("a"), "a:7") << "never older than the database";
  fs::remove(path);
  EXPECT_EQ(look_up("a"), "a:7") << "what was read before stays";
}

TEST_F(SqlitePlugin, LookUpsByQuerySql) {
  sql(path, "CREATE TABLE infos (n TEXT, e TEXT); INSERT INTO infos VALUES ('a', 'h:1')");
  ASSERT_EQ(start(config(R"("query-sql": "SELECT n AS name, e AS endpoint FROM infos WHERE n = ?")")), "");
  ASSERT_TRUE(heard.lines.wait("synced"));
  EXPECT_THAT(heard.changes(), SizeIs(0));
  EXPECT_EQ(look_up("a"), "a:1");
  EXPECT_THAT(look_up("b"), HasSubstr("has no service 'b'"));
}

TEST_F(SqlitePlugin, TwoSourcesOfOneFile) {
  seed("WAL");
  ASSERT_EQ(start(config(), "one"), "");
  ASSERT_EQ(start(config(R"("list-sql": "SELECT name || '2' AS name, endpoint FROM mcp_server_info")"), "two"), "");
  ASSERT_TRUE(heard.lines.wait("+b:2"));
  ASSERT_TRUE(heard.lines.wait("+b2:2"));
  sql(path, "UPDATE mcp_server_info SET endpoint = 'h:5' WHERE name = 'a'");
  ASSERT_TRUE(heard.lines.wait("+a:5"));
  ASSERT_TRUE(heard.lines.wait("+a2:5"));
}

}  // namespace
}  // namespace mcpr
