#include "edit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line.hpp"
#include "support.hpp"

namespace mcpr::sqlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct EditTest : ::testing::Test {
  EditTest() { db.execute(test::kSeedTable); }
  void add(const std::vector<std::string_view>& words, bool replace = false) {
    add_service(db, service_to_add(parse_words(words), {}), replace);
  }
  InstanceRow instance(const std::string& url) { return instance_to_add({}, url); }
  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> out;
    Statement select(db, sql);
    while (select.step()) out.push_back(select.text(0));
    return out;
  }
  template <class F>
  std::string refused(F&& f) {
    try {
      f();
    } catch (const EditError& error) {
      return error.what();
    }
    return {};
  }
  test::TempFolder folder;
  std::string path = folder.file("x.db");
  Database db{made(path), test::writer()};
  const Tables tables{true, true, "mcp_server_info"};

 private:
  static const std::string& made(const std::string& path) {
    test::make_own(path);
    return path;
  }
};

TEST_F(EditTest, AddAndReplace) {
  add({"add", "a", "http://h:1", "http://h:2", "--tag", "x"});
  EXPECT_THAT(column("SELECT url FROM instances"), ElementsAre("http://h:1", "http://h:2"));
  EXPECT_THAT(refused([&] { add({"add", "a", "http://h:3"}); }), HasSubstr("there is a service 'a' already"));
  add({"add", "a", "http://h:3"}, true);
  EXPECT_THAT(column("SELECT url FROM instances"), ElementsAre("http://h:3"));
  EXPECT_THAT(column("SELECT tags FROM services"), ElementsAre(""));
}

TEST_F(EditTest, Instances) {
  add({"add", "a", "http://h:1/mcp"});
  add_instance(db, "a", instance("https://h:2/x"));
  EXPECT_THAT(refused([&] { add_instance(db, "a", instance("h:1")); }), HasSubstr("has the instance h:1/mcp"));
  EXPECT_THAT(refused([&] { add_instance(db, "a", instance("h:0")); }), HasSubstr("port '0'"));
  EXPECT_THAT(refused([&] { add_instance(db, "b", instance("h:1")); }), HasSubstr("there is no service 'b'"));
  remove_instance(db, "a", "h:1");
  EXPECT_THAT(column("SELECT url FROM instances"), ElementsAre("https://h:2/x"));
  EXPECT_THAT(refused([&] { remove_instance(db, "a", "h:1"); }), HasSubstr("has no instance h:1"));
  // One that cannot be used is named as it stands there.
  db.execute("INSERT INTO instances (service, url) VALUES ('a', 'ftp://odd')");
  remove_instance(db, "a", "ftp://odd");
  EXPECT_THAT(column("SELECT url FROM instances"), ElementsAre("https://h:2/x"));
}

TEST_F(EditTest, EitherTable) {
  add({"add", "a", "http://h:1"});
  db.execute("INSERT INTO mcp_server_info (name, endpoint) VALUES ('a', 'h:2'), ('b', 'h:3')");
  enable_service(db, tables, "a", false);
  enable_service(db, tables, "b", false);
  EXPECT_THAT(column("SELECT enabled FROM services"), ElementsAre("0"));
  EXPECT_THAT(column("SELECT enabled FROM mcp_server_info ORDER BY name"), ElementsAre("1", "0"));
  enable_service(db, tables, "b", true);
  EXPECT_THAT(column("SELECT enabled FROM mcp_server_info ORDER BY name"), ElementsAre("1", "1"));
  EXPECT_EQ(refused([&] { enable_service(db, tables, "c", true); }), "there is no service 'c'");
  remove_service(db, tables, "a");
  EXPECT_THAT(column("SELECT name FROM services UNION ALL SELECT name FROM mcp_server_info"), ElementsAre("b"));
  EXPECT_THAT(column("SELECT url FROM instances"), IsEmpty());
  EXPECT_EQ(refused([&] { remove_service(db, tables, "a"); }), "there is no service 'a'");
}

}  // namespace
}  // namespace mcpr::sqlite
