#include "reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <random>
#include <thread>

#include "support.hpp"

namespace mcpr::sqlite {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> names(const std::optional<Part>& part) {
  std::vector<std::string> out;
  for (const auto& item : part.value_or(Part{}).rows) out.push_back(item.first);
  return out;
}

struct ReaderTest : ::testing::Test {
  ReaderTest() {
    config.path = path;
    config.busy_timeout = std::chrono::milliseconds(30);
  }
  void seed(const std::string& journal = "DELETE") {
    test::sql(path, "PRAGMA journal_mode = " + journal + ";" + test::kSeedTable +
                        "INSERT INTO mcp_server_info (name, endpoint) VALUES ('a', 'h:1'), ('b', 'h:2')");
  }
  std::string failure() {
    try {
      reader.read();
    } catch (const Failure& failed) {
      return failed.what();
    }
    return "none";
  }
  test::TempFolder folder;
  std::string path = folder.file("x.db");
  Config config;
  StopSignal stop;
  DatabaseReader reader{config, stop};
};

TEST_F(ReaderTest, TheSeedsTable) {
  seed();
  test::sql(path,
            "INSERT INTO mcp_server_info (name, description, protocol, version, endpoint, enabled, tags) VALUES "
            "('c', 'D', 'http', '1', 'http://h:3', 0, 'x,y')");
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->table);
  EXPECT_FALSE(reading->own);
  EXPECT_THAT(names(reading->table), ElementsAre("a", "b", "c"));
  const ServiceRow& c = reading->table->rows.at("c");
  EXPECT_EQ(c.description, "D");
  EXPECT_EQ(c.protocol, "http");
  EXPECT_EQ(c.version, "1");
  EXPECT_EQ(c.endpoint, "http://h:3");
  EXPECT_EQ(c.enabled, "0");
  EXPECT_EQ(c.tags, "x,y");
  EXPECT_EQ(reading->table->rows.at("a").enabled, "1");
  EXPECT_EQ(reading->table->rows.at("a").description, std::nullopt);
}

TEST_F(ReaderTest, ACommitIsSeenOnce) {
  for (const char* journal : {"DELETE", "WAL"}) {
    fs::remove(path);
    seed(journal);
    DatabaseReader fresh(config, stop);
    ASSERT_TRUE(fresh.read());
    EXPECT_FALSE(fresh.read()) << journal;
    Database other(path, test::writer());
    {
      Transaction open(other, Transaction::Kind::write);
      other.execute("UPDATE mcp_server_info SET endpoint = 'h:9'");
      if (std::string(journal) == "WAL") {
        EXPECT_FALSE(fresh.read()) << "nothing is committed yet";
      }
      open.commit();
    }
    const std::optional<Reading> reading = fresh.read();
    ASSERT_TRUE(reading && reading->table) << journal;
    EXPECT_EQ(reading->table->rows.at("b").endpoint, "h:9");
    EXPECT_FALSE(fresh.read());
  }
}

TEST_F(ReaderTest, OfTheOwnTablesOnlyWhatChanged) {
  test::make_own(path);
  test::sql(path,
            "INSERT INTO services (name, description) VALUES ('a', 'A'), ('b', 'B'), ('c', 'C');"
            "INSERT INTO instances (service, url, weight) VALUES ('a', 'http://h:1', 2), ('b', 'http://h:2', 1), "
            "('b', 'http://h:3', 1)");
  std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->own);
  EXPECT_FALSE(reading->table);
  EXPECT_TRUE(reading->own->whole);
  EXPECT_THAT(names(reading->own), ElementsAre("a", "b", "c"));
  EXPECT_EQ(reading->own->rows.at("a").instances.at(0).weight, "2.0");
  EXPECT_THAT(reading->own->rows.at("b").instances, SizeIs(2));

  test::sql(path, "UPDATE instances SET weight = 3 WHERE url = 'http://h:3'; DELETE FROM services WHERE name = 'c'");
  reading = reader.read();
  ASSERT_TRUE(reading && reading->own);
  EXPECT_FALSE(reading->own->whole);
  EXPECT_THAT(names(reading->own), ElementsAre("b"));
  EXPECT_THAT(reading->own->gone, ElementsAre("c"));

  // A commit to other tables costs one look at the log.
  test::sql(path, "CREATE TABLE other (a); INSERT INTO other VALUES (1)");
  reading = reader.read();
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->own);
}

TEST_F(ReaderTest, ABackupThatIsPutBackIsReadWhole) {
  test::make_own(path);
  test::sql(path, "PRAGMA journal_mode = DELETE; INSERT INTO services (name) VALUES ('a')");
  const std::string backup = test::bytes_of(path);
  test::sql(path, "INSERT INTO services (name) VALUES ('b')");
  ASSERT_TRUE(reader.read());
  // Another history with the same number of changes.
  test::write_bytes(folder.file("other.db"), backup);
  test::sql(folder.file("other.db"), "INSERT INTO services (name) VALUES ('c')");
  fs::rename(folder.file("other.db"), path);
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->own);
  EXPECT_TRUE(reading->own->whole);
  EXPECT_THAT(names(reading->own), ElementsAre("a", "c"));
}

TEST_F(ReaderTest, BothKindsOfTables) {
  seed();
  test::make_own(path);
  test::sql(path, "INSERT INTO services (name) VALUES ('own')");
  std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->own && reading->table);
  EXPECT_THAT(names(reading->own), ElementsAre("own"));
  EXPECT_THAT(names(reading->table), ElementsAre("a", "b"));
  // A table that goes away takes its services with it.
  test::sql(path, "DROP TABLE mcp_server_info");
  reading = reader.read();
  ASSERT_TRUE(reading && reading->table);
  EXPECT_TRUE(reading->table->whole);
  EXPECT_THAT(names(reading->table), IsEmpty());
}

TEST_F(ReaderTest, QueriesOfTheConfiguration) {
  test::sql(path,
            "CREATE TABLE \"my \"\"infos\" (label TEXT, url TEXT, live INT);"
            "INSERT INTO \"my \"\"infos\" VALUES ('a', 'h:1', 1), ('b', 'h:2', 0), ('c', 'h:3', 1)");
  config.list_sql = "SELECT label AS NAME, url AS endpoint FROM \"my \"\"infos\" WHERE live;";
  config.query_sql = "SELECT label AS name, url AS endpoint FROM \"my \"\"infos\" WHERE label = ?";
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->table);
  EXPECT_THAT(names(reading->table), ElementsAre("a", "c"));
  EXPECT_EQ(reading->table->rows.at("a").enabled, "1") << "without the column";
  ASSERT_TRUE(reader.query("b"));
  EXPECT_EQ(reader.query("b")->endpoint, "h:2");
  EXPECT_FALSE(reader.query("x' OR 1=1 --"));
}

TEST_F(ReaderTest, QuerySqlDecidesAboutTheRowsOfItsTable) {
  seed();
  test::sql(path, "UPDATE mcp_server_info SET enabled = 0 WHERE name = 'a'");
  config.query_sql = "SELECT name, 'over:' || id AS endpoint FROM mcp_server_info WHERE name = ?1 AND enabled = true";
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->table);
  EXPECT_THAT(names(reading->table), ElementsAre("b"));
  EXPECT_EQ(reading->table->rows.at("b").endpoint, "over:2");
}

TEST_F(ReaderTest, QuerySqlAloneIsForLookUps) {
  test::sql(path, "CREATE TABLE infos (n TEXT, e TEXT); INSERT INTO infos VALUES ('a', 'h:1')");
  config.query_sql = "SELECT n AS name, e AS endpoint FROM infos WHERE n = ?";
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->own || reading->table);
  EXPECT_EQ(reader.query("a")->endpoint, "h:1");
  EXPECT_FALSE(reader.query("b"));
}

TEST_F(ReaderTest, QueriesThatCannotBeUsed) {
  seed();
  const auto with_list = [&](const std::string& sql) {
    config.list_sql = sql;
    return failure();
  };
  EXPECT_THAT(with_list("SELECT nme FROM mcp_server_info"), HasSubstr("list-sql: no such column: nme"));
  EXPECT_THAT(with_list("SELECT name FROM mcp_server_info"),
              HasSubstr("list-sql: the result has no column 'endpoint'"));
  EXPECT_THAT(with_list("DELETE FROM mcp_server_info"), HasSubstr("one SELECT without parameters"));
  EXPECT_THAT(with_list("SELECT 1 AS name, 2 AS endpoint; SELECT 2"), HasSubstr("one SELECT without parameters"));
  EXPECT_THAT(with_list("SELECT name, endpoint FROM mcp_server_info WHERE name = ?"), HasSubstr("without parameters"));
  EXPECT_THAT(with_list("ATTACH '/etc/passwd' AS x"), HasSubstr(path));
  config.list_sql.clear();
  config.query_sql = "SELECT name, endpoint FROM mcp_server_info";
  EXPECT_THAT(failure(), HasSubstr("query-sql has to be one SELECT with one parameter"));
  config.query_sql.clear();
  EXPECT_TRUE(reader.read()) << "and it goes on once they are right";
}

TEST_F(ReaderTest, RowsThatCannotBeUsedHideNoOthers) {
  test::sql(path,
            "CREATE TABLE mcp_server_info (name, description, protocol, version, endpoint, enabled, tags);"
            "INSERT INTO mcp_server_info (name, endpoint, description, enabled) VALUES ('a', 'h:1', NULL, 1), "
            "(NULL, 'h:2', NULL, 1), ('', 'h:3', NULL, 1), (x'ff00', 'h:4', NULL, 1), "
            "('blob', 'h:5', x'01', 1), ('utf8', 'h:6', CAST(x'c3' AS TEXT), 1), ('a', 'h:7', NULL, 1), "
            "(42, 'h:8', NULL, NULL)");
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->table);
  EXPECT_THAT(names(reading->table), ElementsAre("42", "a", "blob", "utf8"));
  EXPECT_EQ(reading->table->rows.at("a").endpoint, "h:1");
  EXPECT_EQ(reading->table->rows.at("42").enabled, "0") << "NULL is not true";
  EXPECT_EQ(reading->table->rows.at("blob").invalid, "description: is a BLOB, not text");
  EXPECT_EQ(reading->table->rows.at("utf8").invalid, "description: is not UTF-8 text");
  EXPECT_THAT(reading->table->notes,
              ElementsAre(HasSubstr("a row has no usable name"), HasSubstr("a row has no usable name"),
                          HasSubstr("(name: is a BLOB, not text)"), HasSubstr("'a' is given twice")));
}

TEST_F(ReaderTest, WhatIsMissing) {
  EXPECT_THAT(failure(), AllOf(HasSubstr(path), HasSubstr("there is no such file"), HasSubstr("create: true")));
  test::sql(path, "CREATE TABLE x (a)");
  EXPECT_THAT(failure(), AllOf(HasSubstr("neither a table `mcp_server_info` nor"), HasSubstr("services add")));
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_THAT(failure(), HasSubstr("is not a plain file"));
}

TEST_F(ReaderTest, ADefaultPathThatIsNotThereIsNoFault) {
  config.path_is_default = true;
  const std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->own || reading->table);
  EXPECT_FALSE(reader.read());
  seed();
  EXPECT_THAT(names(reader.read()->table), ElementsAre("a", "b"));
  fs::remove(path);
  EXPECT_THAT(failure(), HasSubstr("there is no such file")) << "now it is missed";
}

TEST_F(ReaderTest, Creates) {
  config.create = true;
  std::optional<Reading> reading = reader.read();
  ASSERT_TRUE(reading && reading->own);
  EXPECT_THAT(names(reading->own), IsEmpty());
  EXPECT_EQ(schema_version(*std::make_unique<Database>(path, test::writer())), kSchemaVersion);
  config.path = folder.file("seed.db");
  test::sql(config.path, test::kSeedTable);
  DatabaseReader beside(config, stop);
  reading = beside.read();
  EXPECT_TRUE(reading && reading->own && reading->table) << "beside the tables that are there";
  config.path = folder.file("none/x.db");
  DatabaseReader nowhere(config, stop);
  EXPECT_THROW(
      try { nowhere.read(); } catch (const Failure& failed) {
        EXPECT_THAT(failed.what(), HasSubstr("its folder has to be there"));
        throw;
      },
      Failure);
}

TEST_F(ReaderTest, ATooNewSchema) {
  test::make_own(path);
  test::sql(path, "UPDATE schema_version SET version = 7");
  EXPECT_THAT(failure(), AllOf(HasSubstr("has version 7"), HasSubstr("knows up to 1"), HasSubstr("install")));
}

TEST_F(ReaderTest, Locked) {
  seed();
  ASSERT_TRUE(reader.read());
  Database other(path, test::writer());
  other.execute("BEGIN EXCLUSIVE");
  EXPECT_THAT(failure(), AllOf(HasSubstr(path), HasSubstr("is locked by another process for more than 30 ms")));
  other.execute("UPDATE mcp_server_info SET endpoint = 'h:5'; COMMIT");
  EXPECT_EQ(reader.read()->table->rows.at("a").endpoint, "h:5");
}

TEST_F(ReaderTest, AStopEndsTheWaitForALock) {
  seed();
  config.busy_timeout = std::chrono::hours(1);
  DatabaseReader patient(config, stop);
  Database other(path, test::writer());
  other.execute("BEGIN EXCLUSIVE");
  std::thread stopper([&] { stop.set(); });
  EXPECT_THROW(patient.read(), Failure);
  stopper.join();
}

TEST_F(ReaderTest, AReadingThatTakesTooLong) {
  test::sql(path,
            "CREATE VIEW mcp_server_info AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT 'a' AS name, '' AS description, '' AS protocol, '' AS version, 'h:1' AS endpoint, 1 AS enabled, "
            "'' AS tags FROM n WHERE i < 0");
  config.read_timeout = std::chrono::milliseconds(50);
  EXPECT_THAT(failure(), HasSubstr("reading takes more than 50 ms"));
}

TEST_F(ReaderTest, TooManyRows) {
  seed();
  config.max_rows = 1;
  EXPECT_THAT(failure(), HasSubstr("more than 1 rows (max-rows)"));
}

TEST_F(ReaderTest, NoDatabase) {
  test::write_bytes(path, "this is a text file, and not at all a database\n" + std::string(4000, 'x'));
  EXPECT_THAT(failure(), HasSubstr("is not an SQLite database"));
  test::write_bytes(path, "");
  EXPECT_THAT(failure(), HasSubstr("neither a table"));
}

// Cut anywhere, or with bytes changed anywhere: an error or services, and never a crash.
TEST_F(ReaderTest, Damaged) {
  test::make_own(path);
  test::sql(
      path,
      "PRAGMA journal_mode = DELETE; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
      "INSERT INTO services (name, description) SELECT 's' || i, hex(randomblob(100)) FROM n;"
      "INSERT INTO instances (service, url) SELECT name, 'http://h:1' FROM services");
  const std::string whole = test::bytes_of(path);
  ASSERT_GT(whole.size(), 50'000u);
  int damaged = 0;
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    std::string bytes = whole;
    if (round % 2 == 0) {
      bytes.resize(whole.size() * static_cast<std::size_t>(round + 1) / 61);
    } else {
      for (int i = 0; i < 200; ++i) bytes[100 + random() % (bytes.size() - 100)] = static_cast<char>(random());
    }
    fs::remove(path);
    test::write_bytes(path, bytes);
    DatabaseReader fresh(config, stop);
    try {
      fresh.read();
    } catch (const Failure& failed) {
      EXPECT_THAT(failed.what(), HasSubstr(path));
      ++damaged;
    }
  }
  EXPECT_GT(damaged, 30);
  test::write_bytes(path, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(failure(), AllOf(HasSubstr("is damaged"), HasSubstr(".recover")));
}

TEST_F(ReaderTest, AFileThatIsRenamedOver) {
  seed();
  ASSERT_TRUE(reader.read());
  test::sql(folder.file("new.db"),
            std::string(test::kSeedTable) + "INSERT INTO mcp_server_info (name, endpoint) VALUES ('z', 'h:1')");
  fs::rename(folder.file("new.db"), path);
  EXPECT_THAT(names(reader.read()->table), ElementsAre("z"));
}

// Without any right to write: neither to the file nor to its folder.
struct ReadOnly : ReaderTest {
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can take its own rights away";
  }
  std::string failure_as_nobody() {
    const test::AsNobody nobody;
    return failure();
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder.path())) out.push_back(entry.path().filename().string());
    return out;
  }
};

TEST_F(ReadOnly, EachJournal) {
  for (const char* journal : {"DELETE", "TRUNCATE", "PERSIST", "WAL"}) {
    fs::remove(path);
    seed(journal);
    DatabaseReader fresh(config, stop);
    {
      const test::AsNobody nobody;
      EXPECT_THAT(names(fresh.read()->table), ElementsAre("a", "b")) << journal;
    }
    EXPECT_THAT(files(), Not(::testing::Contains("x.db-shm"))) << journal << ": nothing was made";
    test::sql(path, "UPDATE mcp_server_info SET endpoint = 'h:7'");
    const test::AsNobody nobody;
    const std::optional<Reading> reading = fresh.read();
    ASSERT_TRUE(reading && reading->table) << journal;
    EXPECT_EQ(reading->table->rows.at("a").endpoint, "h:7") << journal;
  }
}

TEST_F(ReadOnly, WhileAWriterIsThereAndAfterIt) {
  seed("WAL");
  {
    const test::AsNobody nobody;
    ASSERT_TRUE(reader.read());
  }
  {
    Database other(path, test::writer());
    other.execute("UPDATE mcp_server_info SET endpoint = 'h:8'");
    {
      const test::AsNobody nobody;
      EXPECT_EQ(reader.read()->table->rows.at("a").endpoint, "h:8") << "out of the log";
      EXPECT_FALSE(reader.read());
    }
    other.execute("UPDATE mcp_server_info SET endpoint = 'h:9'");
    const test::AsNobody nobody;
    EXPECT_EQ(reader.read()->table->rows.at("a").endpoint, "h:9");
  }
  test::sql(path, "UPDATE mcp_server_info SET endpoint = 'h:10'");
  const test::AsNobody nobody;
  EXPECT_EQ(reader.read()->table->rows.at("a").endpoint, "h:10");
}

TEST_F(ReadOnly, ALogWithoutItsIndex) {
  // A writer that dies leaves its log behind.
  const pid_t child = ::fork();
  if (child == 0) {
    seed("WAL");
    Database* never_closed = new Database(path, test::writer());
    never_closed->execute("UPDATE mcp_server_info SET endpoint = 'h:8'");
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  {
    const test::AsNobody nobody;
    DatabaseReader fresh(config, stop);
    EXPECT_EQ(fresh.read()->table->rows.at("a").endpoint, "h:8") << "with its index";
  }
  fs::remove(path + "-shm");
  EXPECT_THAT(failure_as_nobody(), AllOf(HasSubstr("-wal"), HasSubstr("open it once as a user who may write")));
}

TEST_F(ReadOnly, NothingIsCreated) {
  seed();
  config.create = true;
  EXPECT_THAT(failure_as_nobody(), HasSubstr("may not be written; do it as a user who may write"));
  fs::remove(path);
  EXPECT_THAT(failure_as_nobody(), HasSubstr("its folder has to be there and writable for user 65534"));
}

TEST_F(ReadOnly, AFileThatMayNotBeRead) {
  seed();
  ::chmod(path.c_str(), 0600);
  EXPECT_THAT(failure_as_nobody(), AllOf(HasSubstr("cannot be read: Permission denied"), HasSubstr("mode 0600")));
}

}  // namespace
}  // namespace mcpr::sqlite
