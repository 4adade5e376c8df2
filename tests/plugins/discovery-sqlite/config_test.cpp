#include "config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::sqlite {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Config good(std::string_view json) {
  Config config;
  std::string error;
  EXPECT_TRUE(read_config(json, config, error)) << error;
  return config;
}
std::string bad(std::string_view json) {
  Config config;
  std::string error;
  EXPECT_FALSE(read_config(json, config, error)) << json;
  return error;
}

TEST(SqliteConfig, Defaults) {
  const Config config = good(R"({"base-dir": "/etc/x"})");
  EXPECT_EQ(config.path, "/etc/x/mcp-router.db");
  EXPECT_TRUE(config.path_is_default);
  EXPECT_TRUE(config.enabled);
  EXPECT_FALSE(config.create);
  EXPECT_EQ(config.table, "mcp_server_info");
  EXPECT_EQ(config.poll.count(), 250);
  EXPECT_THAT(config.ignored, IsEmpty());
  EXPECT_TRUE(good("").path.ends_with("/mcp-router.db"));
}

TEST(SqliteConfig, Keys) {
  const Config config = good(R"({"path": "a/../b.db", "base-dir": "/etc/x", "create": true, "table-name": "t",
      "query-sql": "q", "list-sql": "l", "poll": "1s", "busy-timeout": 20, "read-timeout": "1m", "max-rows": 7})");
  EXPECT_EQ(config.path, "/etc/x/b.db");
  EXPECT_FALSE(config.path_is_default);
  EXPECT_TRUE(config.create);
  EXPECT_EQ(config.table, "t");
  EXPECT_EQ(config.query_sql, "q");
  EXPECT_EQ(config.list_sql, "l");
  EXPECT_EQ(config.poll.count(), 1000);
  EXPECT_EQ(config.busy_timeout.count(), 20);
  EXPECT_EQ(config.read_timeout.count(), 60'000);
  EXPECT_EQ(config.max_rows, 7u);
}

// The section of a Spring file, with a file instead of a server.
TEST(SqliteConfig, TheSeedsKeys) {
  const Config config = good(R"({"enabled": true, "url": "jdbc:sqlite:/var/lib/s.db?cache=shared", "username": "root",
      "password": "secret", "driver-class-name": "org.sqlite.JDBC", "table-name": "mcp_server_info",
      "max-pool-size": 10, "min-idle": 2, "connection-timeout": 30000})");
  EXPECT_EQ(config.path, "/var/lib/s.db");
  EXPECT_THAT(config.ignored, ElementsAre("username", "password", "driver-class-name", "max-pool-size", "min-idle",
                                          "connection-timeout"));
}

TEST(SqliteConfig, AServerIsNoFile) {
  EXPECT_THAT(bad(R"({"url": "jdbc:mysql://localhost:3306/mcp?user=root&password=secret", "table-name": "infos"})"),
              AllOf(HasSubstr("url: jdbc:mysql is a database server"), HasSubstr("FROM infos"),
                    HasSubstr("mcp-router services import"), Not(HasSubstr("secret"))));
  EXPECT_THAT(bad(R"({"url": "mcp.db"})"), HasSubstr("expected jdbc:sqlite:PATH"));
  EXPECT_THAT(bad(R"({"url": "jdbc:sqlite:"})"), HasSubstr("followed by no path"));
  good(R"({"url": "jdbc:mysql://h/d", "enabled": false})");
}

TEST(SqliteConfig, WhatIsWrong) {
  EXPECT_EQ(bad(R"({"paht": "x"})"), "unknown key 'paht' (did you mean 'path'?)");
  EXPECT_THAT(bad(R"({"path": ":memory:"})"), HasSubstr("is not the path of a file"));
  EXPECT_THAT(bad(R"({"path": "file:x?mode=rw"})"), HasSubstr("is not the path of a file"));
  EXPECT_THAT(bad(R"({"path": "/a", "url": "jdbc:sqlite:/b"})"), HasSubstr("name different files"));
  EXPECT_THAT(bad(R"({"poll": "soon"})"), HasSubstr("poll: 'soon' is not a time"));
  EXPECT_THAT(bad(R"({"max-rows": 0})"), HasSubstr("max-rows"));
  EXPECT_THAT(bad(R"({"table-name": ""})"), HasSubstr("table-name"));
  EXPECT_THAT(bad("{"), HasSubstr("not JSON"));
}

}  // namespace
}  // namespace mcpr::sqlite
