#include "mirror.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::sqlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ServiceRow row(const std::string& name, int port) {
  ServiceRow out;
  out.name = name;
  out.endpoint = "h:" + std::to_string(port);
  out.enabled = "1";
  return out;
}

Part part(bool whole, const std::vector<ServiceRow>& rows, std::vector<std::string> gone = {}) {
  Part out;
  out.whole = whole;
  for (const ServiceRow& one : rows) out.rows[one.name] = one;
  out.gone = std::move(gone);
  return out;
}

struct MirrorTest : ::testing::Test {
  // "+a:1" for what is published, "-a" for what is withdrawn.
  std::vector<std::string> take(std::optional<Part> own, std::optional<Part> table) {
    const Mirror::Changes changes = mirror.take({std::move(own), std::move(table), {}});
    notes = changes.notes;
    std::vector<std::string> out;
    for (const reader::Service& service : changes.publish) {
      out.push_back("+" + service.name + ":" +
                    (service.instances.empty() ? "?" : std::to_string(service.instances[0].port)));
    }
    for (const std::string& name : changes.withdraw) out.push_back("-" + name);
    return out;
  }
  Mirror mirror{"/etc", "infos"};
  std::vector<std::string> notes;
};

TEST_F(MirrorTest, OnlyDifferences) {
  EXPECT_THAT(take({}, part(true, {row("a", 1), row("b", 2), row("c", 3)})), ElementsAre("+a:1", "+b:2", "+c:3"));
  EXPECT_THAT(take({}, part(true, {row("a", 1), row("b", 2), row("c", 3)})), IsEmpty());
  EXPECT_THAT(take({}, part(true, {row("a", 1), row("b", 9), row("d", 4)})), ElementsAre("+b:9", "+d:4", "-c"));
  EXPECT_THAT(take({}, {}), IsEmpty());
}

TEST_F(MirrorTest, PartsOfTheOwnTables) {
  EXPECT_THAT(take(part(true, {row("a", 1), row("b", 2)}), {}), ElementsAre("+a:1", "+b:2"));
  EXPECT_THAT(take(part(false, {row("b", 3)}, {"a", "never-there"}), {}), ElementsAre("+b:3", "-a"));
  EXPECT_EQ(mirror.find("a"), nullptr);
  EXPECT_TRUE(mirror.is_own("b"));
}

TEST_F(MirrorTest, TheOwnTablesGoFirst) {
  EXPECT_THAT(take(part(true, {row("a", 1)}), part(true, {row("a", 2), row("b", 2)})), ElementsAre("+a:1", "+b:2"));
  EXPECT_THAT(notes, ElementsAre("service 'a' is taken from the table services, not from infos"));
  EXPECT_THAT(take({}, part(true, {row("a", 3), row("b", 2)})), IsEmpty()) << "what is hidden changes nothing";
  EXPECT_THAT(notes, IsEmpty()) << "said once";
  EXPECT_THAT(take(part(false, {}, {"a"}), {}), ElementsAre("+a:3")) << "the other one takes over in the same step";
  EXPECT_THAT(take(part(false, {row("a", 1)}), {}), ElementsAre("+a:1"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("is taken from"))) << "it is news again";
}

TEST_F(MirrorTest, NotesAreSaidOnce) {
  take({}, part(true, {row("a", 0)}));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("port '0'")));
  take({}, part(true, {row("a", 0), row("b", 1)}));
  EXPECT_THAT(notes, IsEmpty());
  ServiceRow changed = row("a", 0);
  changed.description = "still wrong";
  take({}, part(true, {changed, row("b", 1)}));
  EXPECT_THAT(notes, IsEmpty());
  take({}, part(true, {row("a", 1)}));
  take({}, part(true, {row("a", 0)}));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("port '0'")));
  Part twice = part(true, {row("a", 0)});
  twice.notes = {"infos: 'a' is given twice"};
  take({}, twice);
  EXPECT_THAT(notes, ElementsAre("infos: 'a' is given twice"));
  take({}, twice);
  EXPECT_THAT(notes, IsEmpty());
}

}  // namespace
}  // namespace mcpr::sqlite
