#include "host/config/yaml_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  explicit Read(const std::string& text, const YamlLimits& limits = {})
      : documents(read_yaml(text, "f.yml", problems, limits)) {}

  const Node* at(std::string_view key, std::size_t document = 0) const {
    return documents.at(document).find(*parse_key(key));
  }
  std::string text(std::string_view key) const {
    const Node* node = at(key);
    return node ? node->text : "(nothing)";
  }
  std::vector<std::string> said() const {
    std::vector<std::string> out;
    for (const Problem& problem : problems) out.push_back(problem.text());
    return out;
  }

  Problems problems;
  std::vector<Node> documents;
};

TEST(YamlReader, EveryValueKnowsItsPlace) {
  const Read read("server:\n  port: 8052\n  hosts: [a, 'b']\n");
  ASSERT_THAT(read.problems, IsEmpty());
  EXPECT_EQ(read.text("server.port"), "8052");
  EXPECT_EQ(read.at("server.port")->origin.text(), "f.yml:2:9");
  EXPECT_EQ(read.at("server.hosts[1]")->origin.text(), "f.yml:3:14");
  EXPECT_FALSE(read.at("server.hosts[0]")->quoted);
  EXPECT_TRUE(read.at("server.hosts[1]")->quoted);
  EXPECT_EQ(read.at("server")->entries[0].origin.text(), "f.yml:2:3");
}

TEST(YamlReader, DotsAreSectionsExceptInLists) {
  const Read read("server.port: 1\nserver:\n  address: x\nservices:\n  - headers: {X.Y: z}\n'[a.b]': c\n");
  ASSERT_THAT(read.problems, IsEmpty());
  EXPECT_EQ(read.text("server.port"), "1");
  EXPECT_EQ(read.text("server.address"), "x");
  EXPECT_EQ(read.at("services[0].headers")->entries[0].name, "X.Y");
  EXPECT_EQ(read.text("[a.b]"), "c");
}

TEST(YamlReader, IndicesInNames) {
  const Read read("list[0].name: a\nlist[1].name: b\n");
  ASSERT_THAT(read.problems, IsEmpty());
  EXPECT_EQ(read.text("list[1].name"), "b");
  EXPECT_THAT(Read("list[1]: b\n").said(), ElementsAre(HasSubstr("f.yml:1:1: 'list[1]' does not fit")));
}

TEST(YamlReader, Documents) {
  const Read read("a: 1\n---\n---\na: 2\n...\n");
  ASSERT_THAT(read.problems, IsEmpty());
  ASSERT_EQ(read.documents.size(), 2u);
  EXPECT_EQ(read.at("a", 1)->origin.text(), "f.yml:4:4");
  EXPECT_THAT(Read("").documents, IsEmpty());
  EXPECT_THAT(Read("# only a comment\n").documents, IsEmpty());
}

TEST(YamlReader, AliasesAndMergeKeys) {
  const Read read("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nmany: {<<: [*b, {x: 9, z: 4}]}\nsame: *b\n");
  ASSERT_THAT(read.said(), IsEmpty());
  EXPECT_EQ(read.text("use.x"), "1");
  EXPECT_EQ(read.text("use.y"), "3");
  EXPECT_EQ(read.text("many.x"), "1");
  EXPECT_EQ(read.text("many.z"), "4");
  EXPECT_EQ(read.text("same.y"), "2");
  EXPECT_THAT(Read("a: {<<: text}\n").said(), ElementsAre(HasSubstr("'<<' takes a section")));
}

TEST(YamlReader, GivenTwice) {
  EXPECT_THAT(Read("a:\n  b: 1\n  c: 2\n  b: 3\n").said(),
              ElementsAre("f.yml:4:3: 'b' is given twice in one section, first in line 2"));
}

TEST(YamlReader, SyntaxErrorsSayWhere) {
  EXPECT_THAT(Read("a: [1, 2\nb: 3\n").said(), ElementsAre(HasSubstr("f.yml:2:")));
  EXPECT_THAT(Read("a: *nowhere\n").said(), ElementsAre(HasSubstr("f.yml:1:4: not YAML: ")));
  EXPECT_THAT(Read("a: 1\n\tb: 2\n").said(), ElementsAre(HasSubstr("f.yml:2:")));
  EXPECT_THAT(Read("? [a]\n: b\n").said(), ElementsAre(HasSubstr("a name must be plain text, not a list")));
  EXPECT_THAT(Read("a: &x [*x]\n").said(), ElementsAre(HasSubstr("f.yml:1:8: ")));
  EXPECT_THAT(Read(std::string("a: \0b", 5)).said(), ElementsAre(HasSubstr("byte 4 is zero")));
}

TEST(YamlReader, Bounds) {
  EXPECT_THAT(Read(std::string(2u << 20, 'a')).said(), ElementsAre(HasSubstr("longer than 1048576 bytes")));
  EXPECT_THAT(Read("a: " + std::string(70, '[') + std::string(70, ']')).said(),
              ElementsAre(HasSubstr("deeper than 64 levels")));
  EXPECT_THAT(Read("a: " + std::string(500'000, '[')).said(), ElementsAre(HasSubstr("more than 20000 brackets")));
  std::string names;
  for (int i = 0; i < 6000; ++i) names += "k" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(Read(names).said(), ElementsAre("f.yml:5001:1: more than 5000 names in one section"));
  std::string dots = "a";
  for (int i = 0; i < 100'000; ++i) dots += ".a";
  const Read deep("? \"" + dots + "\"\n: 1\n");
  ASSERT_EQ(deep.documents.size(), 1u);
  EXPECT_EQ(deep.documents[0].entries[0].name, dots) << "not a key, so it stays whole";
  std::string blocks;
  for (int i = 0; i < 3000; ++i) blocks += "- ";
  EXPECT_THAT(Read(blocks + "x").said(), ElementsAre(HasSubstr("deeper than 64 levels")));
}

TEST(YamlReader, AnAliasCostsWhatItStandsFor) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += (j ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(Read(bomb).said(), ElementsAre(HasSubstr("more than 100000 values, aliases counted")));
  std::string text = "a: &a " + std::string(500'000, 'x') + "\nb: [";
  for (int j = 0; j < 40; ++j) text += j ? ",*a" : "*a";
  EXPECT_THAT(Read(text + "]\n").said(), ElementsAre(HasSubstr("bytes of text, aliases counted")));
  std::string tower = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i)
    tower += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_THAT(Read(tower).said(), ElementsAre(HasSubstr("deeper than 64 levels")));
}

}  // namespace
}  // namespace mcpr::config
