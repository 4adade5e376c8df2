#include "host/config/tree.hpp"

#include <boost/json/parse.hpp>

#include "config_fixture.hpp"
#include "host/config/discovery_order.hpp"

namespace mcpr::config {
namespace {

using boost::json::parse;
using boost::json::value;
using testing::ElementsAre;
using testing::IsEmpty;

class SubtreeTest : public ConfigTest {
 protected:
  value subtree(std::vector<std::string> prefixes, const char* schema = "null") {
    return tree().subtree(prefixes, parse(schema), problems);
  }
  Problems problems;
};

TEST_F(SubtreeTest, TypesByLooks) {
  file("application.yml",
       "p: {int: 42, minus: -1, real: 0.5, yes: true, text: abc, quoted: '42', zero: 007, plus: +1, exp: 1e5, none: ~, "
       "empty: '',"
       " list: [1, a], big: 99999999999999999999, from: '${V:5}', plain: \"\\u00e9\", version: 1.2.3}\n");
  EXPECT_EQ(
      subtree({"p"}),
      parse(
          R"({"int":42,"minus":-1,"real":0.5,"yes":true,"text":"abc","quoted":"42","zero":"007","plus":"+1","exp":"1e5","none":null,)"
          R"("empty":"","list":[1,"a"],"big":"99999999999999999999","from":"5","plain":"\u00e9","version":"1.2.3"})"));
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(SubtreeTest, TypesBySchema) {
  file("application.yml",
       "p: {version: 1.10, port: '80', flag: 'on', tags: 'a, b', ratio: 1, serverAddr: x, items: [{zip: 012, n: '3'}], "
       "extra: 1, deep: 7}\n");
  const char* schema =
      R"({"properties":{"version":{"type":"string"},"port":{"type":["integer","null"]},"flag":{"type":"boolean"},"tags":{"type":"array"},)"
      R"("ratio":{"type":"number"},"server-addr":{"type":"string"},"items":{"items":{"$ref":"#/$defs/item"}},)"
      R"("deep":{"anyOf":[{"type":"string"},{"allOf":[{"$ref":"#/$defs/loop"}]}]}},"additionalProperties":{"type":"string"},)"
      R"("$defs":{"item":{"properties":{"zip":{"type":"string"},"n":{"type":"integer"}}},"loop":{"$ref":"#/$defs/loop"}}})";
  EXPECT_EQ(subtree({"p"}, schema),
            parse(R"({"version":"1.10","port":80,"flag":true,"tags":["a","b"],"ratio":1,"server-addr":"x",)"
                  R"("items":[{"zip":"012","n":3}],"extra":"1","deep":"7"})"));
}

TEST_F(SubtreeTest, SeveralPrefixes) {
  file(
      "application.yml",
      "mcp.router: {services: [{name: a}], file: {files: [x.yml]}}\nspring.ai.alibaba.mcp.router.service-names: [n]\n");
  EXPECT_EQ(
      subtree({"mcp.router.services", "mcp.router.file", "spring.ai.alibaba.mcp.router.service-names", "mcp.nothing"}),
      parse(R"({"services":[{"name":"a"}],"files":["x.yml"],"service-names":["n"]})"));
}

TEST_F(SubtreeTest, PlaceholdersAreResolvedOrSaid) {
  environment["TOKEN"] = "t";
  file("application.yml", "p: {headers: {A: 'Bearer ${TOKEN}'}, bad: '${NOTHING}'}\n");
  EXPECT_EQ(subtree({"p"}), parse(R"({"headers":{"A":"Bearer t"},"bad":null})"));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(short_text(problems[0].text()), testing::StartsWith("application.yml:1:43: "));
}

TEST_F(SubtreeTest, UpstreamsOfTheCommandLine) {
  file("application.yml", "mcp.router.services: [{name: of-the-file}]\n");
  arguments = {"--upstream", "http://127.0.0.1:1/mcp", "--upstream=a=https://h/x?y=z", "-u", "a=http://i"};
  EXPECT_EQ(
      subtree({"mcp.router.services"}),
      parse(
          R"({"services":[{"name":"default","urls":["http://127.0.0.1:1/mcp"]},{"name":"a","urls":["https://h/x?y=z","http://i"]}]})"));
}

TEST_F(SubtreeTest, ASourcesOwnSettingsLieOverItsPluginsSubtree) {
  file("application.yml",
       "nacos: {serverAddr: 'a:1', tags: [x], pool: {max: '5', min: '1'}}\n"
       "mcp.router.discovery-order:\n  - nacos\n  - {id: eu, plugin: nacos, server_addr: 'eu:1', pool: {max: '6'}}\n");
  const value schema =
      parse(R"({"properties":{"server-addr":{"type":"string"},"pool":{"additionalProperties":{"type":"integer"}}}})");
  const ConfigTree loaded = tree();
  const Settings settings = make_settings(loaded, {}, problems);
  const std::vector<std::string> prefixes{"nacos"};
  const auto config = [&](std::size_t i) {
    return value(source_config(loaded, settings.router.discovery_order.at(i), prefixes, schema, problems));
  };
  EXPECT_EQ(config(0), parse(R"({"server-addr":"a:1","tags":["x"],"pool":{"max":5,"min":1}})"));
  EXPECT_EQ(config(1), parse(R"({"server-addr":"eu:1","tags":["x"],"pool":{"max":6,"min":1}})"));
  EXPECT_THAT(problems, IsEmpty());
}

TEST(MergeJson, Deep) {
  boost::json::object under = parse(R"({"a":{"x":1,"y":[1,2]},"b":1})").get_object();
  merge(under, parse(R"({"a":{"y":[3],"z":2},"c":3})").get_object());
  EXPECT_EQ(value(under), parse(R"({"a":{"x":1,"y":[3],"z":2},"b":1,"c":3})"));
}

TEST(Nodes, TakeRemovesWhatBecomesEmpty) {
  Node root;
  std::string why;
  ASSERT_TRUE(insert(root, *parse_key("a.b.c"), Node::scalar("1", {}), {}, why));
  ASSERT_TRUE(insert(root, *parse_key("a.d"), Node::scalar("2", {}), {}, why));
  EXPECT_EQ(take(root, *parse_key("a.b.c")).text, "1");
  EXPECT_EQ(root.find(*parse_key("a.b")), nullptr);
  EXPECT_TRUE(take(root, *parse_key("a.x")).is_null());
  EXPECT_EQ(root.find(*parse_key("a.d"))->text, "2");
  EXPECT_FALSE(insert(root, *parse_key("a.d.e"), Node::scalar("2", {}), {}, why));
  EXPECT_EQ(why, "'a.d' is a value and has no 'e' in it");
  EXPECT_FALSE(insert(root, *parse_key("a[0]"), Node::scalar("2", {}), {}, why));
  EXPECT_EQ(why, "'a' is a section and has no elements");
}

}  // namespace
}  // namespace mcpr::config
