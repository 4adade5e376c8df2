#include "host/config/placeholder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/yaml_reader.hpp"

namespace mcpr::config {
namespace {

class PlaceholderTest : public testing::Test {
 protected:
  std::string resolve(std::string_view text) {
    const Resolver resolver(root, environment);
    std::string why;
    const auto out = resolver.resolve(text, why);
    return out ? *out : "error: " + why;
  }

  void keys(const std::string& yaml) {
    Problems problems;
    root = std::move(read_yaml(yaml, "f.yml", problems).at(0));
  }

  Node root;
  Environment environment{{"HOST", "example.com"}, {"EMPTY", ""}, {"RAW", "${HOST}"}, {"WHICH", "HOST"}};
};

TEST_F(PlaceholderTest, EnvironmentThenKeysThenDefault) {
  keys("host: from-file\nHOST: never\nserver: {port: 80}\n");
  EXPECT_EQ(resolve("http://${HOST}:${server.port}/${NOTHING:x}"), "http://example.com:80/x");
  EXPECT_EQ(resolve("${EMPTY:not used}"), "");
  EXPECT_EQ(resolve("${NOTHING:}"), "");
  EXPECT_EQ(resolve("no placeholder $HOST {x}"), "no placeholder $HOST {x}");
}

TEST_F(PlaceholderTest, DefaultsMayHoldColonsAndPlaceholders) {
  EXPECT_EQ(resolve("${A:http://h:80/}"), "http://h:80/");
  EXPECT_EQ(resolve("${A:${B:${HOST}}}"), "example.com");
  EXPECT_EQ(resolve("${${WHICH}}"), "example.com");
  EXPECT_EQ(resolve("${A:x}}"), "x}");
}

TEST_F(PlaceholderTest, TheEnvironmentIsTakenVerbatim) { EXPECT_EQ(resolve("${RAW}"), "${HOST}"); }

TEST_F(PlaceholderTest, Escaped) { EXPECT_EQ(resolve("\\${HOST} ${HOST}"), "${HOST} example.com"); }

TEST_F(PlaceholderTest, Failures) {
  keys("a: ${b}\nb: ${a}\nself: x${self}\n");
  EXPECT_THAT(resolve("${NOTHING}"),
              testing::HasSubstr("'${NOTHING}' is neither set in the environment nor a configured key"));
  EXPECT_THAT(resolve("${HOST"), testing::HasSubstr("has no closing '}'"));
  EXPECT_THAT(resolve("${a}"), testing::HasSubstr("leads back to itself"));
  EXPECT_THAT(resolve("${self}"), testing::HasSubstr("leads back to itself"));
}

TEST_F(PlaceholderTest, WorkIsBounded) {
  std::string yaml = "k0: xxxxxxxxxxxxxxxx\n";
  for (int i = 1; i < 25; ++i) {
    const std::string below = "${k" + std::to_string(i - 1) + "}";
    yaml += "k" + std::to_string(i) + ": " + below + below + "\n";
  }
  keys(yaml);
  EXPECT_THAT(resolve("${k24}"), testing::HasSubstr("more than 1000 placeholders"));
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "${A:";
  EXPECT_THAT(resolve(nested + std::string(100, '}')), testing::HasSubstr("deeper than 32 levels"));
}

TEST_F(PlaceholderTest, AProblemStandsAtTheValue) {
  keys("a:\n  b: ${NOTHING}\n");
  Problems problems;
  EXPECT_FALSE(Resolver(root, environment).resolve(*root.find(*parse_key("a.b")), problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].text(), testing::StartsWith("f.yml:2:6: '${NOTHING}' is neither"));
}

}  // namespace
}  // namespace mcpr::config
