#include "schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"

namespace mcpr::sqlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct SchemaTest : ::testing::Test {
  std::vector<std::string> changed_after(const std::string& sql) {
    db.execute("DELETE FROM changes");
    db.execute(sql);
    std::vector<std::string> names;
    Statement changes(db, "SELECT DISTINCT service FROM changes ORDER BY service");
    while (changes.step()) names.push_back(changes.text(0));
    return names;
  }
  std::string refused(const std::string& sql) {
    try {
      db.execute(sql);
    } catch (const SqlError& error) {
      return error.what();
    }
    return {};
  }
  test::TempFolder folder;
  std::string path = folder.file("x.db");
  Database db{made(path), test::writer()};

 private:
  static const std::string& made(const std::string& path) {
    test::make_own(path);
    return path;
  }
};

TEST_F(SchemaTest, IsMadeOnce) {
  EXPECT_EQ(schema_version(db), kSchemaVersion);
  db.execute("INSERT INTO services (name) VALUES ('a')");
  test::make_own(path);
  Statement mode(db, "PRAGMA journal_mode");
  ASSERT_TRUE(mode.step());
  EXPECT_EQ(mode.text(0), "wal");
  Statement count(db, "SELECT count(*) FROM services");
  ASSERT_TRUE(count.step());
  EXPECT_EQ(count.number(0), 1);
}

TEST_F(SchemaTest, EveryChangeNamesItsServices) {
  EXPECT_THAT(changed_after("INSERT INTO services (name) VALUES ('a'), ('b')"), ElementsAre("a", "b"));
  EXPECT_THAT(changed_after("INSERT INTO instances (id, service, url) VALUES (1, 'a', 'http://h:1')"),
              ElementsAre("a"));
  EXPECT_THAT(changed_after("UPDATE services SET enabled = 0 WHERE name = 'b'"), ElementsAre("b"));
  EXPECT_THAT(changed_after("UPDATE instances SET weight = 2"), ElementsAre("a"));
  EXPECT_THAT(changed_after("UPDATE instances SET service = 'b'"), ElementsAre("a", "b"));
  EXPECT_THAT(changed_after("INSERT OR REPLACE INTO instances (id, service, url) VALUES (1, 'a', 'http://h:2')"),
              ElementsAre("a", "b"));
  EXPECT_THAT(changed_after("UPDATE services SET name = 'c' WHERE name = 'a'"), ElementsAre("a", "c"));
  EXPECT_THAT(changed_after("SELECT 1"), IsEmpty());
  Statement moved(db, "SELECT service FROM instances");
  ASSERT_TRUE(moved.step());
  EXPECT_EQ(moved.text(0), "c") << "instances go with their service";
  moved.reset();
  EXPECT_THAT(changed_after("DELETE FROM services WHERE name = 'c'"), ElementsAre("c"));
  EXPECT_FALSE(moved.step());
}

TEST_F(SchemaTest, WhatMakesNoSenseIsRefused) {
  EXPECT_THAT(refused("INSERT INTO services (name) VALUES ('')"), HasSubstr("CHECK"));
  EXPECT_THAT(refused("INSERT INTO instances (service, url) VALUES ('none', 'http://h')"),
              HasSubstr("names no service"));
  db.execute("INSERT INTO services (name) VALUES ('a')");
  EXPECT_THAT(refused("INSERT INTO instances (service) VALUES ('a')"), HasSubstr("CHECK"));
  EXPECT_THAT(refused("INSERT INTO instances (service, url, host) VALUES ('a', 'http://h', 'h')"), HasSubstr("CHECK"));
}

TEST_F(SchemaTest, TheLogOfChangesIsBounded) {
  db.execute("INSERT INTO services (name) VALUES ('a')");
  db.execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100) "
      "INSERT INTO instances (service, url) SELECT 'a', 'http://h:' || i FROM n");
  Statement count(db, "SELECT count(*) FROM changes");
  ASSERT_TRUE(count.step());
  EXPECT_EQ(count.number(0), 10'000);
}

TEST(Schema, TablesOfOthersAreLeftAlone) {
  const test::TempFolder folder;
  const std::string path = folder.file("flyway.db");
  test::sql(path, "CREATE TABLE schema_version (installed_rank INTEGER, version TEXT); CREATE TABLE other (a)");
  Database db(path, test::writer());
  EXPECT_EQ(schema_version(db), std::nullopt);
  EXPECT_THROW(test::make_own(path), SqlError);
  EXPECT_TRUE(has_table(db, "OTHER"));
  EXPECT_FALSE(has_table(db, "services")) << "nothing is half done";
  Statement mode(db, "PRAGMA journal_mode");
  ASSERT_TRUE(mode.step());
  EXPECT_EQ(mode.text(0), "delete");
}

}  // namespace
}  // namespace mcpr::sqlite
