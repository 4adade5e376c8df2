#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yaml_node.hpp"

namespace mcpr::file {
namespace {

using ::testing::HasSubstr;

Node yaml(std::string_view text) {
  std::vector<Node> documents;
  SyntaxError error;
  EXPECT_TRUE(parse_yaml(text, documents, error)) << error.text;
  return documents.empty() ? Node{} : documents[0];
}

Node json(std::string_view text) {
  Node node;
  SyntaxError error;
  EXPECT_TRUE(parse_json(text, node, error)) << error.place.line << ":" << error.place.column << " " << error.text;
  return node;
}

SyntaxError bad_yaml(std::string_view text) {
  std::vector<Node> documents;
  SyntaxError error;
  EXPECT_FALSE(parse_yaml(text, documents, error)) << text;
  return error;
}

SyntaxError bad_json(std::string_view text) {
  Node node;
  SyntaxError error;
  EXPECT_FALSE(parse_json(text, node, error)) << text;
  return error;
}

void expect_place(const Node& node, int line, int column) {
  EXPECT_EQ(node.place.line, line) << node.text;
  EXPECT_EQ(node.place.column, column) << node.text;
}

TEST(YamlNode, PlacesAndKinds) {
  const Node root = yaml("services:\n  - name: weather\n    tags: [a, 'b']\n    version: 1.0\n    description:\n");
  ASSERT_TRUE(root.is_map());
  const Node& entry = root.find("services")->items.at(0);
  expect_place(entry, 2, 5);
  expect_place(*entry.find("name"), 2, 11);
  EXPECT_EQ(entry.find("version")->text, "1.0");
  EXPECT_TRUE(entry.find("description")->is_null());
  const Node& tags = *entry.find("tags");
  EXPECT_TRUE(tags.items.at(0).plain);
  EXPECT_FALSE(tags.items.at(1).plain);
  expect_place(tags.items[1], 3, 15);
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(YamlNode, QuotedWordsAreTexts) {
  const Node root = yaml("a: ''\nb: 'null'\nc: ~\nd: null\n");
  EXPECT_TRUE(root.find("a")->is_scalar());
  EXPECT_EQ(root.find("b")->text, "null");
  EXPECT_TRUE(root.find("c")->is_null());
  EXPECT_TRUE(root.find("d")->is_null());
}

TEST(YamlNode, Aliases) {
  const Node root = yaml("a: &x {k: [1, 2]}\nb: *x\n");
  EXPECT_EQ(root.find("b")->find("k")->items.at(1).text, "2");
  EXPECT_EQ(root.find("b")->place.line, 2);
  EXPECT_THAT(bad_yaml("a: &x [*x]\n").text, HasSubstr("inside of what it refers to"));
}

TEST(YamlNode, BoundsHold) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += "," + last;
    bomb += "]\n";
  }
  EXPECT_THAT(bad_yaml(bomb).text, HasSubstr("500000"));
  EXPECT_THAT(bad_yaml(std::string(100, '[') + std::string(100, ']')).text, HasSubstr("deep"));
  EXPECT_FALSE(bad_yaml(std::string(100'000, '[')).text.empty());
  EXPECT_FALSE(bad_yaml(std::string(100'000, '{')).text.empty());
  EXPECT_FALSE(bad_json(std::string(100'000, '[')).text.empty());
}

TEST(YamlNode, ErrorsHaveAPlace) {
  EXPECT_EQ(bad_yaml("a: 1\nb: [1, 2\nc: 3\n").place.line, 3);
  const SyntaxError twice = bad_yaml("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(twice.place.line, 3);
  EXPECT_THAT(twice.text, HasSubstr("'a' is given twice"));
  EXPECT_THAT(bad_yaml("[a]: 1\n").text, HasSubstr("a list"));
  EXPECT_EQ(bad_yaml("a: *none\n").place.line, 1);
}

TEST(YamlNode, TextThatBelongsToNoDocument) {
  for (std::string_view text : {"a: b\n  , c}\n- *", "a: 1\n]", "- a\n}", "- a\n, b"}) {
    EXPECT_NE(bad_yaml(text).place.line, 0) << text;
  }
}

TEST(YamlNode, SeveralDocumentsAndNone) {
  std::vector<Node> documents;
  SyntaxError error;
  ASSERT_TRUE(parse_yaml("a: 1\n---\nb: 2\n", documents, error));
  EXPECT_EQ(documents.size(), 2u);
  ASSERT_TRUE(parse_yaml("", documents, error));
  EXPECT_EQ(documents.size(), 0u);
  ASSERT_TRUE(parse_yaml("# nothing\n", documents, error));
}

TEST(JsonNode, PlacesAndKinds) {
  const Node root = json("{\n\t\"a\": \"x\\u00e9\\n\",\n  \"b\" : [ 1, -2.5e3, true, null ], \"天\": 7}");
  expect_place(*root.find("a"), 2, 7);
  EXPECT_EQ(root.find("a")->text, "x\xc3\xa9\n");
  const Node& list = *root.find("b");
  expect_place(list, 3, 9);
  expect_place(list.items.at(1), 3, 14);
  EXPECT_EQ(list.items[1].text, "-2.5e3");
  EXPECT_TRUE(list.items[2].plain);
  EXPECT_TRUE(list.items.at(3).is_null());
  expect_place(*root.find("天"), 3, 41);
  EXPECT_EQ(root.members[0].place.column, 2);
}

TEST(JsonNode, AsEditorsWriteIt) {
  const Node root = json("\xef\xbb\xbf// \"comment\"\n{ /* { \" */ \"a\": [1,2,], // x\n}\n");
  EXPECT_EQ(root.find("a")->items.size(), 2u);
  expect_place(*root.find("a"), 2, 18);
}

TEST(JsonNode, TopLevelScalarsAndStringsOfAnyLength) {
  EXPECT_EQ(json("12").text, "12");
  EXPECT_EQ(json("\"" + std::string(100'000, 'x') + "\"").text.size(), 100'000u);
  EXPECT_EQ(json(R"("a\\")").text, "a\\");
}

TEST(JsonNode, ErrorsHaveAPlace) {
  SyntaxError e = bad_json("{\n  \"a\": 1\n  \"b\": 2\n}");
  EXPECT_EQ(e.place.line, 3);
  EXPECT_EQ(e.place.column, 3);
  EXPECT_THAT(e.text, HasSubstr("not JSON"));
  EXPECT_EQ(bad_json("{\"a\": tru}").place.line, 1);
  EXPECT_EQ(bad_json("{\"a\":1,\n\"a\":2}").place.line, 2);
  for (std::string_view text : {"", "{", "[1", "{} {}", "\"abc", "{\"a\"}", "nope", "/* x", "1 2", "\"\\"})
    bad_json(text);
}

TEST(FindPath, DottedKeys) {
  const Node root = yaml("mcp.router:\n  services: [1]\nspring:\n  ai.alibaba:\n    mcp: {router.services: [2]}\n");
  ASSERT_TRUE(find_path(root, "mcp.router.services"));
  EXPECT_EQ(find_path(root, "mcp.router.services")->items.at(0).text, "1");
  EXPECT_EQ(find_path(root, "spring.ai.alibaba.mcp.router.services")->items.at(0).text, "2");
  EXPECT_EQ(find_path(root, "services"), nullptr);
  EXPECT_EQ(find_path(root, "mcp.route"), nullptr);
}

}  // namespace
}  // namespace mcpr::file
