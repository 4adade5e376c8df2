#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "host/mcp/headers.hpp"
#include "host/mcp/media.hpp"
#include "host/mcp/version.hpp"

namespace mcpr::mcp {
namespace {

TEST(Headers, CodeValues) {
  struct Case {
    std::string text, header;
  };
  const Case cases[] = {
      {"", ""},
      {"add", "add"},
      {"a b~!", "a b~!"},
      {" padded", "=?base64?IHBhZGRlZA==?="},
      {"padded ", "=?base64?cGFkZGVkIA==?="},
      {"\ttab", "=?base64?CXRhYg==?="},
      {"in\tside", "=?base64?aW4Jc2lkZQ==?="},
      {"caf\xc3\xa9", "=?base64?Y2Fmw6k=?="},
      {"line\nend", "=?base64?bGluZQplbmQ=?="},
      {"=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="},
      {"=?base64?open", "=?base64?open"},
      {"=?base64?=", "=?base64?="},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(encode_header(c.text), c.header) << c.text;
    EXPECT_EQ(decode_header(c.header), c.text) << c.header;
    EXPECT_EQ(decode_header(" \t" + c.header + "\t "), c.text) << c.header;
    EXPECT_TRUE(header_matches(c.header, c.text)) << c.header;
    EXPECT_FALSE(header_matches(c.header, c.text + "x")) << c.header;
  }
  EXPECT_EQ(decode_header("=?base64?"
                          "?="),
            "");
  EXPECT_EQ(decode_header("=?BASE64?YQ==?="), "=?BASE64?YQ==?=") << "the markers are in lower case";
  for (const std::string_view bad : {"=?base64?YQ?=", "=?base64?YQ=?=", "=?base64?Y===?=", "=?base64?====?=",
                                     "=?base64?Y Q=?=", "=?base64?YR==?=", "=?base64?-_==?=", "=?base64?YQ==YQ==?="}) {
    EXPECT_EQ(decode_header(bad), std::nullopt) << bad;
    EXPECT_FALSE(header_matches(bad, "a")) << bad;
    EXPECT_FALSE(header_matches(bad, bad)) << bad;
  }
}

TEST(Headers, MatchBodies) {
  EXPECT_TRUE(header_matches("  tools/call\t", "tools/call"));
  EXPECT_TRUE(header_matches("=?base64?YWRk?=", "add")) << "encoded without need, but it says the same";
  EXPECT_FALSE(header_matches("Add", "add"));
  EXPECT_FALSE(header_matches("add", " add"));
  EXPECT_FALSE(header_matches("", "add"));
  EXPECT_TRUE(header_matches("", ""));
}

TEST(Headers, SessionIdsAndFieldValues) {
  for (const std::string& good : {std::string("a"), std::string("!~"), std::string(256, 'x')}) {
    EXPECT_TRUE(valid_session_id(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\n"), std::string("\x7f"),
                                 std::string("\xc3\xa9"), std::string(1, '\0'), std::string(257, 'x')}) {
    EXPECT_FALSE(valid_session_id(bad)) << bad;
  }
  for (const std::string& good : {std::string(), std::string("a b\tc"), std::string("caf\xc3\xa9")}) {
    EXPECT_TRUE(valid_field_value(good)) << good;
  }
  for (const std::string& bad :
       {std::string(" a"), std::string("a\t"), std::string("a\r\nb"), std::string("a\x7f"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(valid_field_value(bad)) << bad;
  }
}

TEST(Media, Accepts) {
  struct Case {
    std::string_view accept;
    bool json, sse;
  };
  const Case cases[] = {
      {"", true, true},
      {"  ", true, true},
      {"*/*", true, true},
      {"application/json, text/event-stream", true, true},
      {"text/event-stream,application/json", true, true},
      {"application/json", true, false},
      {"text/event-stream", false, true},
      {"Application/JSON;charset=utf-8", true, false},
      {"application/*", true, false},
      {"text/*;q=0.1", false, true},
      {"text/html", false, false},
      {"application/jsonx", false, false},
      {"application/json;q=0, text/event-stream", false, true},
      {"application/json;q=0.000,*/*", false, true},
      {"*/*, application/json; Q=0.", false, true},
      {"*/*;q=0, application/json", true, false},
      {"*/*;q=0.001", true, true},
      {"text/*;q=0, text/event-stream;q=1", false, true},
      {"application/json;x=\"a,b;q=0\"", true, false},
      {"application/json;x=\"a\\\",b\";q=0", false, false},
      {",, application/json ,", true, false},
      {"\"", false, false},
      {"\"\\", false, false},
  };
  for (const Case& c : cases) {
    const Acceptable got = accepts(c.accept);
    EXPECT_EQ(got.json, c.json) << c.accept;
    EXPECT_EQ(got.sse, c.sse) << c.accept;
  }
}

TEST(Media, ContentTypes) {
  for (const std::string_view good :
       {"application/json", "APPLICATION/Json", " application/json ; charset=utf-8",
        "application/json;charset=\"UTF-8\"", "application/json;profile=x", "application/json;"}) {
    EXPECT_TRUE(is_json(good)) << good;
  }
  for (const std::string_view bad :
       {"", "text/json", "application/jsonp", "application/json;charset=latin1", "application/json; charset=utf-16",
        "application/json, text/plain", "application/vnd.api+json"}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
  EXPECT_TRUE(is_event_stream("text/event-stream"));
  EXPECT_TRUE(is_event_stream("Text/Event-Stream; charset=utf-8"));
  EXPECT_FALSE(is_event_stream("text/event-streams"));
  EXPECT_FALSE(is_event_stream(""));
}

TEST(Version, IsANameFromASet) {
  struct Case {
    std::string_view version;
    bool known, stateless, handshake, batches;
  };
  const Case cases[] = {
      {"2024-11-05", true, false, true, true},    {"2025-03-26", true, false, true, true},
      {"2025-06-18", true, false, true, false},   {"2025-11-25", true, false, true, false},
      {"2026-07-28", true, true, false, false},   {"", false, false, false, false},
      {"2025-06-19", false, false, false, false}, {"2027-01-01", false, false, false, false},
      {"2024-10-07", false, false, false, false}, {" 2025-11-25", false, false, false, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(known(c.version), c.known) << c.version;
    EXPECT_EQ(stateless(c.version), c.stateless) << c.version;
    EXPECT_EQ(handshake(c.version), c.handshake) << c.version;
    EXPECT_EQ(batches(c.version), c.batches) << c.version;
    EXPECT_EQ(std::ranges::find(supported(), c.version) != supported().end(), c.known) << c.version;
  }
  EXPECT_EQ(supported().size(), 5u);
  EXPECT_TRUE(handshake(kLatestHandshake));
  EXPECT_TRUE(handshake(kAssumedWithoutHeader));
  EXPECT_TRUE(stateless(kStateless));
}

}  // namespace
}  // namespace mcpr::mcp
