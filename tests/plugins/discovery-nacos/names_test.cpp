// Names, references, versions and filters; small readers of JSON.
#include "model/names.hpp"

#include <gtest/gtest.h>

#include "model/json.hpp"
#include "sync/http_forms.hpp"

namespace mcpr::nacos {
namespace {

TEST(Names, Documents) {
  EXPECT_EQ(versions_document("x"), "x-mcp-versions.json");
  EXPECT_EQ(server_document("x", "1"), "x-1-mcp-server.json");
  EXPECT_EQ(tools_document("x", "1"), "x-1-mcp-tools.json");
  EXPECT_EQ(id_of_versions_document("x-mcp-versions.json"), "x");
  EXPECT_EQ(id_of_versions_document("-mcp-versions.json"), "");
  EXPECT_EQ(id_of_versions_document("x.json"), "");
}

TEST(Names, GroupKeys) {
  EXPECT_EQ(parse_group_key("a+G+public"), (ConfigKey{"public", "G", "a"}));
  EXPECT_EQ(parse_group_key("a+G"), (ConfigKey{"public", "G", "a"}));
  EXPECT_EQ(parse_group_key("a%2Bb+G%25+n"), (ConfigKey{"n", "G%", "a+b"}));
  EXPECT_FALSE(parse_group_key("a"));
  EXPECT_FALSE(parse_group_key("a+b+c+d"));
  EXPECT_FALSE(parse_group_key(""));
}

TEST(Names, Namespaces) {
  EXPECT_EQ(normal_namespace(""), "public");
  EXPECT_EQ(tenant_of("public"), "");
  EXPECT_EQ(tenant_of("n"), "n");
  EXPECT_EQ((ServiceKey{"public", "G", "s"}).str(), "s@G");
  EXPECT_EQ((ServiceKey{"n", "G", "s"}).str(), "s@G in namespace n");
}

TEST(Names, TheUuidOfAName) {
  // Java's UUID.nameUUIDFromBytes.
  EXPECT_EQ(uuid_of_name("mcp-server-v6"), uuid_of_name("mcp-server-v6"));
  EXPECT_EQ(uuid_of_name(""), "d41d8cd9-8f00-3204-a980-0998ecf8427e");
  EXPECT_EQ(uuid_of_name("hello"), "5d41402a-bc4b-3a76-b971-9d911017c592");
  EXPECT_EQ(md5_hex("hello"), "5d41402abc4b2a76b9719d911017c592");
}

TEST(Names, References) {
  const auto text = [](std::string_view from) {
    const std::optional<Reference> at = parse_reference(from);
    return at ? at->name + "|" + at->group + "|" + at->path : "none";
  };
  EXPECT_EQ(text("weather"), "weather||");
  EXPECT_EQ(text("weather@G"), "weather|G|");
  EXPECT_EQ(text("weather@G/sse?x=1"), "weather|G|/sse?x=1");
  EXPECT_EQ(text("a/b"), "a/b||");
  for (const std::string_view bad : {"", "@G", "weather@", "weather@/x", "a@b@c"}) EXPECT_EQ(text(bad), "none") << bad;
}

TEST(Names, Versions) {
  EXPECT_EQ(split_version("a::1.0"), (std::pair<std::string_view, std::string_view>{"a", "1.0"}));
  EXPECT_EQ(split_version("a::b::2"), (std::pair<std::string_view, std::string_view>{"a::b", "2"}));
  EXPECT_EQ(split_version("a::"), (std::pair<std::string_view, std::string_view>{"a::", ""}));
  const std::vector<std::string_view> rising{
      "",    "0.9",  "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.2", "1.0.0-rc.1", "1.0", "1.0.1",
      "1.2", "1.10", "2",           "v10.0.0-b1",    "10.0.0",        "20251125",   "x"};
  // A word comes before any number: whatever it means, it is no later release.
  EXPECT_TRUE(newer_version("0", "x"));
  for (std::size_t i = 1; i + 1 < rising.size(); ++i) {
    EXPECT_TRUE(newer_version(rising[i], rising[i - 1])) << rising[i - 1] << " " << rising[i];
    EXPECT_FALSE(newer_version(rising[i - 1], rising[i])) << rising[i - 1] << " " << rising[i];
    EXPECT_FALSE(newer_version(rising[i], rising[i]));
  }
  EXPECT_FALSE(newer_version("1.0", "1.0.0"));
  EXPECT_FALSE(newer_version("1.0.0", "1.0"));
}

TEST(Names, Filters) {
  const NameFilter all;
  EXPECT_TRUE(all.takes("x"));
  const NameFilter some{{"mcp-*", "a?c"}, {"*-test", "mcp-x"}};
  for (const std::string_view yes : {"mcp-", "mcp-a", "abc"}) EXPECT_TRUE(some.takes(yes)) << yes;
  for (const std::string_view no : {"mcp", "mcp-test", "mcp-x", "ac", "abbc", "other"})
    EXPECT_FALSE(some.takes(no)) << no;
  const NameFilter hard{{"*a*a*a*a*a*a*a*a*b"}, {}};
  EXPECT_FALSE(hard.takes(std::string(5'000, 'a')));
}

TEST(Json, Values) {
  Json value;
  std::string error;
  ASSERT_TRUE(
      parse_json(R"({"t":"x","n":7,"b":true,"z":null,"d":0.5,"nt":"9001","bt":"false","o":{"k":"v","n":1,"a":[]},
                             "l":[{"name":"a","value":"b"},{"key":"c"},3],"w":["a",1,null],"big":70000,"half":1.5})",
                 value, error));
  const JsonObject& object = value.get_object();
  EXPECT_EQ(text_in(object, "t") + text_in(object, "n") + text_in(object, "b") + text_in(object, "z"), "x7true");
  EXPECT_EQ(text_in(object, "o"), "");
  EXPECT_EQ(number_in(object, "d"), 0.5);
  EXPECT_EQ(port_in(object, "nt"), 9001);
  EXPECT_FALSE(port_in(object, "big"));
  EXPECT_FALSE(port_in(object, "half"));
  EXPECT_FALSE(number_in(object, "t"));
  EXPECT_TRUE(flag_in(object, "b", false));
  EXPECT_FALSE(flag_in(object, "bt", true));
  EXPECT_TRUE(flag_in(object, "z", true));
  EXPECT_EQ(pairs_in(object, "o"), (sdk::KeyValues{{"k", "v"}, {"n", "1"}}));
  EXPECT_EQ(pairs_in(object, "l"), (sdk::KeyValues{{"a", "b"}, {"c", ""}}));
  EXPECT_EQ(texts_in(object, "w"), (std::vector<std::string>{"a", "1"}));
  EXPECT_FALSE(parse_json("{", value, error));
  EXPECT_FALSE(parse_json(std::string(1'000, '['), value, error));
}

TEST(Forms, Decoding) {
  EXPECT_EQ(decode_form("a%20b+c%2"), "a b c%2");
  EXPECT_EQ(decode_form("%zz%02"), std::string("%zz\x02"));
}

}  // namespace
}  // namespace mcpr::nacos
