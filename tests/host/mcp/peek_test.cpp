#include "host/mcp/peek.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/host/mcp/padded.hpp"

namespace mcpr::mcp {
namespace {

std::string object(std::string_view members) { return R"({"jsonrpc":"2.0",)" + std::string(members) + "}"; }

// One message, together with the reader that its views point into.
struct One {
  explicit One(std::string_view text) : padded(text), peeked(peeker.read(padded.text())) {
    if (peeker.messages().size() == 1) message = peeker.messages()[0];
  }
  Padded padded;
  Peeker peeker;
  Peeked peeked;
  Message message;
};

TEST(Peek, ReadsAToolCall) {
  const std::string text =
      object(R"("id":7,"method":"tools/call","params":{"name":"add","arguments":{"a":[1,2,{"b":null}]},)"
             R"("_meta":{"progressToken":"p1"}})");
  One one("  " + text + "\r\n");
  ASSERT_EQ(one.peeked.error, PeekError::none) << one.peeked.detail;
  EXPECT_FALSE(one.peeked.batch);
  ASSERT_EQ(one.peeker.messages().size(), 1u);
  EXPECT_EQ(one.message.raw, text);
  EXPECT_EQ(one.message.kind, Kind::request);
  EXPECT_EQ(one.message.id, "7");
  EXPECT_EQ(one.message.method, "tools/call");
  EXPECT_TRUE(one.message.has_name);
  EXPECT_EQ(one.message.name, "add");
  EXPECT_EQ(one.message.progress_token, "\"p1\"");
  EXPECT_EQ(one.message.params, R"({"name":"add","arguments":{"a":[1,2,{"b":null}]},"_meta":{"progressToken":"p1"}})");
  EXPECT_EQ(one.message.result, "");
  EXPECT_EQ(one.peeker.scratch(), "") << "nothing was escaped, so nothing is copied";
}

TEST(Peek, TellsTheKinds) {
  struct Case {
    std::string_view members;
    Kind kind;
    std::string_view id, method, result;
  };
  const Case cases[] = {
      {R"("id":1,"method":"ping")", Kind::request, "1", "ping", ""},
      {R"("id":"a b","method":"x/y")", Kind::request, "\"a b\"", "x/y", ""},
      {R"("id":"","method":"x")", Kind::request, "\"\"", "x", ""},
      {R"("id":-12,"method":"x","params":[])", Kind::request, "-12", "x", ""},
      {R"("id":123456789012345678901234567890,"method":"x")", Kind::request, "123456789012345678901234567890", "x", ""},
      {R"("id" : "\u0031" , "method" : "x")", Kind::request, R"("\u0031")", "x", ""},
      {R"("method":"notifications/initialized")", Kind::notification, "", "notifications/initialized", ""},
      {R"("id":3,"result":{"a":[{}]})", Kind::response, "3", "", R"({"a":[{}]})"},
      {R"("id":3,"result":true)", Kind::response, "3", "", "true"},
      {R"("result": [ 1 , 2 ] ,"id":3)", Kind::response, "3", "", "[ 1 , 2 ]"},
      {R"("id":3,"error":{"code":1,"message":"m"})", Kind::error, "3", "", ""},
      {R"("id":null,"error":{"code":1,"message":"m"})", Kind::error, "null", "", ""},
      {R"("error":{"code":1,"message":"m"},"id":null)", Kind::error, "null", "", ""},
      {R"("error":{"code":1,"message":"m"})", Kind::error, "", "", ""},
  };
  for (const Case& c : cases) {
    One one(object(c.members));
    EXPECT_EQ(one.peeked.error, PeekError::none) << c.members << ": " << one.peeked.detail;
    ASSERT_EQ(one.peeker.messages().size(), 1u) << c.members;
    EXPECT_EQ(one.message.kind, c.kind) << c.members;
    EXPECT_EQ(one.message.id, c.id) << c.members;
    EXPECT_EQ(one.message.method, c.method) << c.members;
    EXPECT_EQ(one.message.result, c.result) << c.members;
  }
}

TEST(Peek, TakesTheNameThatBelongsToTheMethod) {
  constexpr std::string_view kAll = R"({"name":"n","uri":"u","taskId":"t"})";
  struct Case {
    std::string_view method, params;
    bool has;
    std::string_view name;
  };
  const Case cases[] = {
      {"tools/call", kAll, true, "n"},
      {"prompts/get", kAll, true, "n"},
      {"resources/read", kAll, true, "u"},
      {"resources/subscribe", kAll, true, "u"},
      {"resources/unsubscribe", kAll, true, "u"},
      {"tasks/get", kAll, true, "t"},
      {"tasks/cancel", kAll, true, "t"},
      {"tools/call", R"({"uri":"u"})", false, ""},
      {"tools/call", R"({"name":""})", true, ""},
      {"tools/call", R"({"name":5})", false, ""},
      {"tools/call", R"(["name","x"])", false, ""},
      {"tools/call", R"({"arguments":{"name":"inner"}})", false, ""},
      {"tools/call", R"({"name":"a\"\\\/\b\f\n\r\tb"})", true, "a\"\\/\b\f\n\r\tb"},
      {"tools/call", R"({"name":"\u0041\u00e9\u20AC\ud83d\uDE00"})", true, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"tools/call", R"({"n\u0061me":"x"})", true, "x"},
      {"resources/read", R"({"uri":"caf\u00e9:\/\/x"})", true, "caf\xc3\xa9://x"},
  };
  for (const Case& c : cases) {
    const std::string method = R"("method":")" + std::string(c.method) + '"';
    const std::string params = R"("params":)" + std::string(c.params);
    for (const std::string& members : {R"("id":1,)" + method + "," + params, params + "," + method + R"(,"id":1)"}) {
      One one(object(members));
      ASSERT_EQ(one.peeked.error, PeekError::none) << members << ": " << one.peeked.detail;
      EXPECT_EQ(one.message.has_name, c.has) << members;
      EXPECT_EQ(one.message.name, c.name) << members;
      EXPECT_EQ(one.message.params, c.params);
    }
  }
}

TEST(Peek, TakesWhatMethodsCarry) {
  struct Case {
    std::string_view members, progress_token, request_id, protocol_version, log_level;
    bool capabilities;
  };
  const Case cases[] = {
      {R"("id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{}})", "", "",
       "2025-06-18", "", false},
      {R"("id":1,"params":{"protocolVersion":"2025\u002d06-18"},"method":"initialize")", "", "", "2025-06-18", "",
       false},
      {R"("id":1,"method":"initialize","params":{"protocolVersion":1})", "", "", "", "", false},
      {R"("id":1,"method":"tools/list","params":{"protocolVersion":"no"})", "", "", "", "", false},
      {R"("id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
       R"("io.modelcontextprotocol/clientCapabilities":{"roots":{}},"progressToken":4}})",
       "4", "", "2026-07-28", "", true},
      {R"("id":1,"method":"x","params":{"_meta":{"io.modelcontextprotocol\/clientCapabilities":[]}})", "", "", "", "",
       false},
      {R"("id":1,"method":"x","params":{"_meta":{"io.modelcontextprotocol\/clientCapabilities":{}}})", "", "", "", "",
       true},
      {R"("id":1,"method":"x","params":{"_meta":{"progressToken":{"a":1}}})", "", "", "", "", false},
      {R"("id":1,"method":"x","params":{"_meta":null})", "", "", "", "", false},
      {R"("id":1,"method":"x","params":{"progressToken":"not here"})", "", "", "", "", false},
      {R"("method":"notifications/progress","params":{"progressToken":"t","progress":0.5})", "\"t\"", "", "", "",
       false},
      {R"("params":{"progressToken":12},"method":"notifications/progress")", "12", "", "", "", false},
      {R"("method":"notifications/cancelled","params":{"requestId":"r\u0031","reason":"x"})", "", R"("r\u0031")", "",
       "", false},
      {R"("method":"notifications/cancelled","params":{"requestId":99})", "", "99", "", "", false},
      {R"("method":"notifications/cancelled","params":{"requestId":1.5})", "", "", "", "", false},
      {R"("method":"notifications/cancelled","params":{"requestId":null})", "", "", "", "", false},
      {R"("id":1,"method":"x","params":{"requestId":99})", "", "", "", "", false},
      {R"("id":1,"method":"logging/setLevel","params":{"level":"debug"})", "", "", "", "debug", false},
      {R"("id":1,"method":"x","params":{"level":"debug"})", "", "", "", "", false},
  };
  for (const Case& c : cases) {
    One one(object(c.members));
    ASSERT_EQ(one.peeked.error, PeekError::none) << c.members << ": " << one.peeked.detail;
    EXPECT_EQ(one.message.progress_token, c.progress_token) << c.members;
    EXPECT_EQ(one.message.request_id, c.request_id) << c.members;
    EXPECT_EQ(one.message.protocol_version, c.protocol_version) << c.members;
    EXPECT_EQ(one.message.log_level, c.log_level) << c.members;
    EXPECT_EQ(one.message.has_client_capabilities, c.capabilities) << c.members;
  }
}

TEST(Peek, RefusesWhatIsNoMessage) {
  struct Case {
    std::string text;
    std::string_view detail, id;
  };
  const Case cases[] = {
      {"1", "a message must be an object", ""},
      {"\"x\"", "a message must be an object", ""},
      {"{}", "\"jsonrpc\" must be \"2.0\"", ""},
      {R"({"id":4,"method":"x"})", "\"jsonrpc\" must be \"2.0\"", "4"},
      {R"({"jsonrpc":"1.0","id":"q","method":"x"})", "\"jsonrpc\" must be \"2.0\"", "\"q\""},
      {R"({"jsonrpc":2.0,"id":4,"method":"x"})", "\"jsonrpc\" must be \"2.0\"", "4"},
      {object(R"("id":4)"), "neither a method nor a result nor an error", "4"},
      {object(R"("id":null,"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":null,"result":1)"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":1.0,"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":1e3,"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":1E3,"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":true,"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":[1],"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":{},"method":"x")"), "\"id\" must be a string or an integer", ""},
      {object(R"("id":1,"method":"")"), "\"method\" must not be empty", "1"},
      {object(R"("id":1,"method":5)"), "\"method\" must be a string", "1"},
      {object(R"("id":1,"method":"x","params":5)"), "\"params\" must be an object or an array", "1"},
      {object(R"("id":1,"method":"x","params":null)"), "\"params\" must be an object or an array", "1"},
      {object(R"("id":1,"method":"x","result":1)"), "both a method and a result or an error", "1"},
      {object(R"("id":1,"method":"x","error":{})"), "both a method and a result or an error", "1"},
      {object(R"("id":1,"error":{},"result":1)"), "both a result and an error", "1"},
      {object(R"("result":1)"), "a result without an \"id\"", ""},
      {object(R"("id":1,"error":"x")"), "\"error\" must be an object", "1"},
  };
  for (const Case& c : cases) {
    One one(c.text);
    EXPECT_EQ(one.peeked.error, PeekError::invalid) << c.text;
    EXPECT_EQ(one.peeked.detail, c.detail) << c.text;
    EXPECT_EQ(one.peeked.id, c.id) << c.text;
    EXPECT_TRUE(one.peeker.messages().empty()) << c.text;
  }
}

TEST(Peek, RefusesRepeatedKeys) {
  struct Case {
    std::string_view members, detail, id;
  };
  const Case cases[] = {
      {R"("id":1,"method":"a","method":"b")", "duplicate key \"method\"", "1"},
      {R"("id":1,"method":"a","m\u0065thod":"b")", "duplicate key \"method\"", "1"},
      {R"("id":1,"m\u0065thod":"a","method":"b")", "duplicate key \"method\"", "1"},
      {R"("id":1,"id":2,"method":"b")", "duplicate key \"id\"", ""},
      {R"("id":1,"jsonrpc":"2.0","method":"b")", "duplicate key \"jsonrpc\"", "1"},
      {R"("id":1,"params":{},"method":"b","params":{})", "duplicate key \"params\"", "1"},
      {R"("id":1,"result":1,"result":1)", "duplicate key \"result\"", "1"},
      {R"("id":1,"error":{},"error":{})", "duplicate key \"error\"", "1"},
      {R"("id":1,"method":"b","params":{"name":"a","name":"a"})", "duplicate key \"params.name\"", "1"},
      {R"("method":"b","params":{"name":1,"n\u0061me":"a"},"id":1)", "duplicate key \"params.name\"", "1"},
      {R"("method":"b","params":{"uri":1,"uri":"a"})", "duplicate key \"params.uri\"", ""},
      {R"("method":"b","params":{"taskId":1,"taskId":"a"})", "duplicate key \"params.taskId\"", ""},
      {R"("method":"b","params":{"level":1,"level":"a"})", "duplicate key \"params.level\"", ""},
      {R"("method":"b","params":{"requestId":1,"requestId":"a"})", "duplicate key \"params.requestId\"", ""},
      {R"("method":"b","params":{"progressToken":1,"progressToken":1})", "duplicate key \"params.progressToken\"", ""},
      {R"("method":"b","params":{"protocolVersion":1,"protocolVersion":1})", "duplicate key \"params.protocolVersion\"",
       ""},
      {R"("method":"b","params":{"_meta":{},"_meta":{}})", "duplicate key \"params._meta\"", ""},
      {R"("method":"b","params":{"_meta":1,"\u005fmeta":{}})", "duplicate key \"params._meta\"", ""},
      {R"("method":"b","params":{"_meta":{"progressToken":1,"progressToken":1}})",
       "duplicate key \"params._meta.progressToken\"", ""},
      {R"("method":"b","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
       R"("io.modelcontextprotocol\/protocolVersion":"x"}})",
       "duplicate key \"params._meta.io.modelcontextprotocol/protocolVersion\"", ""},
      {R"("method":"b","params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{},)"
       R"("io.modelcontextprotocol/clientCapabilities":{}}})",
       "duplicate key \"params._meta.io.modelcontextprotocol/clientCapabilities\"", ""},
  };
  for (const Case& c : cases) {
    One one(object(c.members));
    EXPECT_EQ(one.peeked.error, PeekError::invalid) << c.members;
    EXPECT_EQ(one.peeked.detail, c.detail) << c.members;
    EXPECT_EQ(one.peeked.id, c.id) << c.members;
  }
  for (const std::string_view fine :
       {R"("id":1,"method":"b","x":1,"x":2)", R"("id":1,"method":"b","params":{"x":1,"x":2})",
        R"("id":1,"method":"b","params":{"arguments":{"name":1,"name":2}})",
        R"("id":1,"method":"b","params":{"name":"a"},"name":"a")"}) {
    EXPECT_EQ(One(object(fine)).peeked.error, PeekError::none) << fine;
  }
}

TEST(Peek, RefusesWhatIsNotJson) {
  const std::string cases[] = {
      "",
      " ",
      "{",
      "}",
      "[",
      "]",
      "{]",
      "[}",
      "nul",
      "truex",
      "x",
      ",",
      ":",
      "\"",
      "\"a",
      "\\",
      "{}{}",
      "[] []",
      "{},",
      std::string("{}\0", 3),
      "{}garbage",
      "{}\xef\xbb\xbf",
      "\xef\xbb\xbf{}",
      "\f{}",
      R"({"a"})",
      R"({"a":})",
      R"({"a":1,})",
      R"({,"a":1})",
      R"({"a" 1})",
      R"({"a":1 "b":2})",
      R"({a:1})",
      R"({1:1})",
      R"({"a":1,,"b":2})",
      R"({"a"::1})",
      R"({"a":"b":1})",
      R"({'a':1})",
      "[1,]",
      "[,1]",
      "[1 2]",
      "[1:2]",
      "[1,,2]",
      "[[1}]",
      "[{]}]",
      R"([{"a":[}]])",
      "[true false]",
      R"({"a":01})",
      R"({"a":1.})",
      R"({"a":.5})",
      R"({"a":+1})",
      R"({"a":-})",
      R"({"a":1e})",
      R"({"a":1e+})",
      R"({"a":0x1})",
      R"({"a":NaN})",
      R"({"a":Infinity})",
      R"({"a":1_0})",
      R"({"a":True})",
      R"({"a":1"b"})",
      R"({"a":"b"c})",
      R"({"a":"b""c"})",
      R"({"a":"\x"})",
      R"({"a":"\u12"})",
      R"({"a":"\u12g4"})",
      R"({"a":"\)",
      R"({"a":"\"})",
      R"({"\q":1})",
      R"({"a":[{"b":["\q"]}]})",
      "{\"a\":\"\n\"}",
      "{\"a\":\"\x01\"}",
      std::string("{\"a\":\"\0\"}", 9),
      "{\"a\":\"\xff\"}",
      "{\"a\":\"\xc0\x80\"}",
      "{\"a\":\"\xed\xa0\x80\"}",
      "{\"a\":\"\xe2\x82\"}",
      "{\"\xff\":1}",
      R"({"jsonrpc":"2.0","id":1,"method":"x"} x)",
      R"({"jsonrpc":"2.0","id":1,"method":"x"}{"jsonrpc":"2.0"})",
      R"({"jsonrpc":"2.0","id":1,"method":"x")",
      R"({"jsonrpc":"2.0","id":1,"method":"\ud800"})",
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\udc00"}})",
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud83dx"}})",
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"\ud83d\u0041":1}})",
      R"([{"jsonrpc":"2.0","id":1,"method":"x"},])",
      R"([{"jsonrpc":"2.0","id":1,"method":"x"}}])",
      R"([{"jsonrpc":"1.0"},{"a":tru}])",
  };
  for (const std::string& text : cases) {
    One one(text);
    EXPECT_EQ(one.peeked.error, PeekError::parse) << text;
    EXPECT_FALSE(one.peeked.detail.empty()) << text;
    EXPECT_TRUE(one.peeked.id.empty()) << text;
    EXPECT_TRUE(one.peeker.messages().empty()) << text;
  }
  EXPECT_EQ(One(R"({"jsonrpc":"2.0" "id":1})").peeked.detail, "',' or '}' expected at byte 17");
  EXPECT_EQ(One("{} x").peeked.detail, "nothing may follow the message at byte 3");
  EXPECT_EQ(One("{\"a\":\"\xff\"}").peeked.detail, "the text is not valid UTF-8");
}

TEST(Peek, LimitsDepth) {
  const auto nested = [](std::size_t depth) {
    std::string value = "1";
    for (std::size_t i = 0; i < depth; ++i) value = i % 2 ? "[" + value + "]" : "{\"k\":" + value + "}";
    return object(R"("id":1,"result":)" + value);
  };
  EXPECT_EQ(One(nested(256)).peeked.error, PeekError::none);
  One deep(nested(257));
  EXPECT_EQ(deep.peeked.error, PeekError::parse);
  EXPECT_TRUE(deep.peeked.detail.starts_with("values are nested too deeply at byte ")) << deep.peeked.detail;
  EXPECT_EQ(One(std::string(1 << 20, '[')).peeked.error, PeekError::parse);
  EXPECT_EQ(One(object(R"("id":1,"result":)" + std::string(100000, '['))).peeked.error, PeekError::parse);
}

TEST(Peek, ReadsBatches) {
  const std::string a = object(R"("id":1,"method":"tools/call","params":{"name":"\u0061"})");
  const std::string b = object(R"("method":"notifications/x")");
  const std::string c = object(R"("id":"\u0062","method":"resources/read","params":{"uri":"\u0075:"})");
  One batch("[ " + a + "\n, " + b + "," + c + " ]\n");
  ASSERT_EQ(batch.peeked.error, PeekError::none) << batch.peeked.detail;
  EXPECT_TRUE(batch.peeked.batch);
  const auto messages = batch.peeker.messages();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].raw, a);
  EXPECT_EQ(messages[0].name, "a");
  EXPECT_EQ(messages[1].raw, b);
  EXPECT_EQ(messages[1].kind, Kind::notification);
  EXPECT_EQ(messages[2].raw, c);
  EXPECT_EQ(messages[2].id, R"("\u0062")");
  EXPECT_EQ(messages[2].name, "u:");

  One single("[" + a + "]");
  EXPECT_TRUE(single.peeked.batch);
  EXPECT_EQ(single.peeker.messages().size(), 1u);

  struct Case {
    std::string text;
    std::string_view detail, id;
  };
  const Case refused[] = {
      {"[]", "an empty batch", ""},
      {" [ ] ", "an empty batch", ""},
      {"[1]", "a batch element is not an object", ""},
      {"[" + a + ",[" + a + "]]", "a batch element is not an object", ""},
      {"[" + a + R"(,{"id":5,"method":"x"},{"id":6}])", "\"jsonrpc\" must be \"2.0\"", "5"},
  };
  for (const Case& r : refused) {
    One one(r.text);
    EXPECT_EQ(one.peeked.error, PeekError::invalid) << r.text;
    EXPECT_TRUE(one.peeked.batch) << r.text;
    EXPECT_EQ(one.peeked.detail, r.detail) << r.text;
    EXPECT_EQ(one.peeked.id, r.id) << r.text;
    EXPECT_TRUE(one.peeker.messages().empty()) << r.text;
  }
}

TEST(Peek, IsReusedForTextsOfAnySize) {
  Peeker peeker;
  for (const std::size_t size : {10u, 100000u, 3000000u, 10u, 20000u}) {
    const std::string big(size, 'x');
    const Padded text(
        object(R"("id":1,"method":"tools\/call","params":{"arguments":{"a":")" + big + R"("},"name":"n\n"})"));
    const Peeked peeked = peeker.read(text.text());
    ASSERT_EQ(peeked.error, PeekError::none) << size << ": " << peeked.detail;
    ASSERT_EQ(peeker.messages().size(), 1u);
    EXPECT_EQ(peeker.messages()[0].method, "tools/call");
    EXPECT_EQ(peeker.messages()[0].name, "n\n");
  }
  const Padded bad("{");
  EXPECT_EQ(peeker.read(bad.text()).error, PeekError::parse);
  EXPECT_TRUE(peeker.messages().empty());
}

}  // namespace
}  // namespace mcpr::mcp
