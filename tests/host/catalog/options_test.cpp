#include "host/catalog/options.hpp"

#include <gtest/gtest.h>

#include "sdk/include/mcpr/text.hpp"

namespace mcpr::catalog {
namespace {

using namespace std::chrono_literals;

std::string error_of(std::string_view json) {
  ServiceOptions options;
  options.ca_file = "before";
  const ServiceOptions before = options;
  std::string error;
  EXPECT_FALSE(parse_service_options(json, options, error)) << json;
  EXPECT_EQ(options, before);
  return error;
}

TEST(ServiceOptions, AllKeys) {
  ServiceOptions o;
  std::string error;
  ASSERT_TRUE(parse_service_options(
      R"({"headers":{"Authorization":"Bearer x","X-A":""},"timeouts":{"connect":250,"response":"5s","idle":"10m",
          "tools":{"slow":"1.5h","fast":"500ms"}},"forward-authorization":true,"forward-cookie":true,
          "ca-file":"/etc/ca.pem","load-balancer":"least-inflight"})",
      o, error))
      << error;
  EXPECT_EQ(o.headers, (KeyValues{{"Authorization", "Bearer x"}, {"X-A", ""}}));
  EXPECT_EQ(o.timeouts.connect, 250ms);
  EXPECT_EQ(o.timeouts.response, 5s);
  EXPECT_EQ(o.timeouts.idle, 10min);
  EXPECT_EQ(o.timeouts.tools, (std::map<std::string, std::chrono::milliseconds>{{"slow", 90min}, {"fast", 500ms}}));
  EXPECT_TRUE(o.forward_authorization);
  EXPECT_TRUE(o.forward_cookie);
  EXPECT_EQ(o.ca_file, "/etc/ca.pem");
  EXPECT_EQ(o.load_balancer, "least-inflight");
}

TEST(ServiceOptions, WhatIsNotGivenKeepsItsValue) {
  ServiceOptions o;
  o.timeouts.response = 7s;
  std::string error;
  EXPECT_TRUE(parse_service_options("", o, error));
  EXPECT_TRUE(parse_service_options("{}", o, error));
  EXPECT_TRUE(parse_service_options(R"({"timeouts":{"connect":1.0}})", o, error));
  EXPECT_EQ(o.timeouts.response, 7s);
  EXPECT_EQ(o.timeouts.connect, 1ms);
}

TEST(ServiceOptions, ErrorsNameTheKey) {
  EXPECT_EQ(error_of(R"({"header":{}})"), "unknown key 'header' (did you mean 'headers'?)");
  EXPECT_NE(error_of(R"({"zzz":{}})").find("known: headers, timeouts"), std::string::npos);
  EXPECT_EQ(error_of(R"({"timeouts":{"respnose":1}})"),
            "'timeouts': unknown key 'respnose' (did you mean 'response'?)");
  EXPECT_EQ(error_of(R"({"forward-cookie":"yes"})"), "'forward-cookie' must be true or false, not string");
  EXPECT_EQ(error_of(R"({"ca-file":3})"), "'ca-file' must be a text, not int64");
  EXPECT_NE(error_of(R"({"timeouts":{"idle":"5 parsecs"}})").find("'timeouts.idle': '5 parsecs' is not a time"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"timeouts":{"tools":{"t":0}}})").find("'timeouts.tools.t'"), std::string::npos);
  EXPECT_NE(error_of(R"({"timeouts":{"tools":[]}})").find("'timeouts.tools'"), std::string::npos);
  EXPECT_NE(error_of(R"({"timeouts":5})").find("'timeouts'"), std::string::npos);
  EXPECT_NE(error_of(R"({"headers":{"A":1}})").find("'headers.A'"), std::string::npos);
  EXPECT_NE(error_of(R"({"headers":{"A b":"1"}})").find("'A b' is not a header name"), std::string::npos);
  EXPECT_NE(error_of("{\"headers\":{\"A\":\"1\\r\\nB: 2\"}}").find("control character"), std::string::npos);
  EXPECT_NE(error_of(R"({"headers":{"Content-Length":"1"}})").find("set by the router"), std::string::npos);
  EXPECT_NE(error_of("[]").find("object"), std::string::npos);
  EXPECT_NE(error_of("{").find("not JSON"), std::string::npos);
}

TEST(Text, Durations) {
  const auto ms = [](std::string_view text) -> std::int64_t {
    std::uint64_t value = 0;
    std::string error;
    return text::parse_duration_ms(text, value, error) ? static_cast<std::int64_t>(value) : -1;
  };
  EXPECT_EQ(ms("1"), 1);
  EXPECT_EQ(ms("0.5s"), 500);
  EXPECT_EQ(ms("2min"), 120'000);
  EXPECT_EQ(ms("1h30m"), 5'400'000);
  EXPECT_EQ(ms("1m500ms"), 60'500);
  EXPECT_EQ(ms("24h"), 86'400'000);
  for (std::string_view text : {"", "s", "0", "-1s", "25h", "inf", "nan", "1e3", "1 s", "1d", "0.1ms", "+1", "5s1",
                                "1s-1s", "1h x", "5 5", "1.2.3s", "1ss"}) {
    EXPECT_EQ(ms(text), -1) << text;
  }
}

TEST(Text, NearestName) {
  constexpr std::string_view known[] = {"tags", "enabled", "endpoint"};
  EXPECT_EQ(text::nearest("tag", known), "tags");
  EXPECT_EQ(text::nearest("enalbed", known), "enabled");
  EXPECT_EQ(text::nearest("colour", known), "");
  EXPECT_EQ(text::edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(text::edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(text::edit_distance("", "abc"), 3u);
}

}  // namespace
}  // namespace mcpr::catalog
