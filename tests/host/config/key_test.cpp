#include "host/config/key.hpp"

#include <gtest/gtest.h>

namespace mcpr::config {
namespace {

TEST(Key, SpellingsOfOneName) {
  EXPECT_TRUE(same_name("context-path", "contextPath"));
  EXPECT_TRUE(same_name("context_path", "CONTEXTPATH"));
  EXPECT_FALSE(same_name("context", "contexts"));
  EXPECT_TRUE(same_name("a-", "_a"));
  EXPECT_FALSE(same_name("context.path", "contextpath"));
}

TEST(Key, Parses) {
  const Path path = *parse_key("mcp.router.services[12].name");
  EXPECT_EQ(path, (Path{{"mcp", {}}, {"router", {}}, {"services", {}}, {"", 12}, {"name", {}}}));
  EXPECT_EQ(*parse_key("logging.level[a.b].c"), (Path{{"logging", {}}, {"level", {}}, {"a.b", {}}, {"c", {}}}));
  EXPECT_EQ(*parse_key("[a.b]"), (Path{{"a.b", {}}}));
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[1", "a]b", "a[1]b", "a[10000]"}) {
    EXPECT_FALSE(parse_key(bad)) << bad;
  }
}

TEST(Key, TextIsWhatWasParsed) {
  for (const char* key : {"a", "a.b-c.d", "a[0].b", "a[0][1]", "a[b.c].d"}) EXPECT_EQ(to_text(*parse_key(key)), key);
}

TEST(Key, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("port", ""), 4u);
  EXPECT_EQ(edit_distance("port", "prot"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Key, Nearest) {
  const std::vector<std::string> names{"port", "address", "allowed-hosts"};
  EXPECT_EQ(nearest("prot", names), "port");
  EXPECT_EQ(nearest("allowedHost", names), "allowed-hosts");
  EXPECT_EQ(nearest("threads", names), std::nullopt);
  EXPECT_EQ(nearest("x", names), std::nullopt);
}

}  // namespace
}  // namespace mcpr::config
