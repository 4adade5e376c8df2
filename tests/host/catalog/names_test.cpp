#include "host/catalog/names.hpp"

#include <gtest/gtest.h>

namespace mcpr::catalog {
namespace {

TEST(Names, Legal) {
  for (std::string_view name : {"weather", "io.github.user/weather", "天气", "a b", "Message", "messages", "...",
                                "100%", "a%zz", "weather::1.0"}) {
    EXPECT_EQ(refuse_name(name), "") << name;
  }
  EXPECT_EQ(refuse_name(std::string(200, 'x')), "");
}

TEST(Names, Refused) {
  EXPECT_NE(refuse_name(""), "");
  EXPECT_NE(refuse_name(std::string(201, 'x')).find("201 bytes"), std::string::npos);
  EXPECT_NE(refuse_name("a\nb").find("control"), std::string::npos);
  EXPECT_NE(refuse_name(std::string_view("a\0b", 3)).find("control"), std::string::npos);
  EXPECT_NE(refuse_name("a\x7f").find("control"), std::string::npos);
  EXPECT_NE(refuse_name("a\xc2\x85").find("control"), std::string::npos);
  for (std::string_view bytes :
       {"\xff", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xe5\xa4", "\x80"}) {
    EXPECT_EQ(refuse_name(bytes), "the name is not valid UTF-8");
  }
  for (std::string_view name : {".", "..", "a/..", "a//b", "/a", "a/", "%2e%2e", "%252e", "a%2f%2e%2e"}) {
    EXPECT_NE(refuse_name(name), "") << name;
  }
}

TEST(Names, RoutesOfTheRouter) {
  for (std::string_view name : {"message", "router", "health", "monitor", "a/message", "mess%61ge", "router/x"}) {
    EXPECT_NE(refuse_name(name).find("route of the router"), std::string::npos) << name;
  }
  EXPECT_NE(refuse_name("mess%61ge").find("percent-decoded"), std::string::npos);
}

TEST(Names, KeysOfNamesThatCannotBeToldApart) {
  EXPECT_EQ(name_key("a%20b"), name_key("a b"));
  EXPECT_EQ(name_key("a%2520b"), name_key("a b"));
  EXPECT_EQ(name_key("%e5%a4%a9"), name_key("天"));
  EXPECT_NE(name_key("A"), name_key("a"));
  EXPECT_NE(name_key("\xc3\xa9"), name_key("e\xcc\x81")) << "no Unicode normalisation: bytes are compared";
  EXPECT_EQ(name_key("100%"), "100%");
}

}  // namespace
}  // namespace mcpr::catalog
