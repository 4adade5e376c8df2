#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/mcp/error.hpp"
#include "host/mcp/initialize.hpp"
#include "host/mcp/spans.hpp"
#include "tests/host/mcp/padded.hpp"

namespace mcpr::mcp {
namespace {

TEST(Error, WritesExactBodies) {
  EXPECT_EQ(error_body("7", kMethodNotFound, "Method not found"),
            R"({"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"Method not found"}})");
  EXPECT_EQ(error_body("", kParseError, "bad \"x\"\n\\"),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"bad \"x\"\n\\"}})");
  EXPECT_EQ(error_body("\"a\"", kInvalidParams, "m", R"({"k":1})"),
            R"({"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"m","data":{"k":1}}})");
  EXPECT_EQ(
      unsupported_version_body("1", "1999-\"01"),
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"Unsupported protocol version","data":{)"
      R"("supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"1999-\"01"}}})");
  EXPECT_EQ(upstream_failure_body("1", "files", "a-1", "connect_refused", "No instance answered", true),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"No instance answered","data":{)"
            R"("service":"files","instance":"a-1","reason":"connect_refused","retrySafe":true}}})");
  EXPECT_NE(upstream_failure_body("1", "f", "a", "timeout", "t", false).find(R"("retrySafe":false)"),
            std::string::npos);
}

TEST(Error, EscapesAnyBytes) {
  struct Case {
    std::string text, json;
  };
  const Case cases[] = {
      {"", R"("")"},
      {std::string("\0\x1f\t\x7f", 4), "\"\\u0000\\u001f\\u0009\x7f\""},
      {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
      {"\xff", "\"\xef\xbf\xbd\""},
      {"a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const Case& c : cases) {
    std::string out;
    append_json_string(out, c.text);
    EXPECT_EQ(out, c.json);
  }
  Peeker peeker;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      const Padded body(error_body("\"x\"", kBadRequest, text));
      ASSERT_EQ(peeker.read(body.text()).error, PeekError::none) << a << ' ' << b;
      ASSERT_EQ(peeker.messages()[0].kind, Kind::error);
    }
  }
}

TEST(Initialize, ReadsTheFacts) {
  struct Case {
    std::string_view json, version;
    bool logging, subscribe;
  };
  const Case cases[] = {
      {R"({"protocolVersion":"2025-06-18","capabilities":{}})", "2025-06-18", false, false},
      {R"({"protocolVersion":"2025-06-18"})", "2025-06-18", false, false},
      {R"( {"capabilities":{"tools":{"listChanged":true},"logging":{},"resources":{"subscribe":true,"listChanged":true}},)"
       R"("serverInfo":{"name":"s","version":"1"},"protocolVersion":"2025-11-25","instructions":"a\nb"} )",
       "2025-11-25", true, true},
      {R"({"protocolVersion":"x\u0041","capabilities":{"l\u006fgging":{},"resources":{"subscribe":false}}})", "xA",
       true, false},
      {R"({"protocolVersion":"v","capabilities":{"logging":null,"resources":[]}})", "v", false, false},
      {R"({"protocolVersion":"v","capabilities":{"resources":{"subscribe":1}},"logging":{},"subscribe":true})", "v",
       false, false},
      {R"({"protocolVersion":"v","capabilities":7})", "v", false, false},
  };
  for (const Case& c : cases) {
    const auto facts = read_initialize_result(c.json);
    ASSERT_TRUE(facts) << c.json;
    EXPECT_EQ(facts->protocol_version, c.version) << c.json;
    EXPECT_EQ(facts->logging, c.logging) << c.json;
    EXPECT_EQ(facts->resources_subscribe, c.subscribe) << c.json;
  }
  for (const std::string_view bad :
       {"", "null", "[]", "{}", R"({"protocolVersion":1})", R"({"protocolVersion":""})", R"({"protocolVersion":"v")",
        R"({"protocolVersion":"v"} 1)", R"({"protocolVersion":"v","capabilities":{"logging":}})"}) {
    EXPECT_FALSE(read_initialize_result(bad)) << bad;
  }
}

TEST(Spans, ReplacesWithoutTouchingTheRest) {
  const std::string_view text = R"({"id": 7, "name":"a"})";
  const auto id = text.substr(7, 1), name = text.substr(17, 3);
  EXPECT_EQ(mcp::apply(text, {}), text);
  const std::vector<Edit> both{{name, "\"other\""}, {id, "\"x-7\""}};
  EXPECT_EQ(mcp::apply(text, both), R"({"id": "x-7", "name":"other"})");
  const std::vector<Edit> inserted{{name, "1"},
                                   {name.substr(0, 0), "<"},
                                   {name.substr(3), ">"},
                                   {text.substr(0, 0), "^"},
                                   {text.substr(text.size()), "$"}};
  EXPECT_EQ(mcp::apply(text, inserted), R"(^{"id": 7, "name":<1>}$)");
  const std::vector<Edit> removed{{text, ""}};
  EXPECT_EQ(mcp::apply(text, removed), "");
}

}  // namespace
}  // namespace mcpr::mcp
