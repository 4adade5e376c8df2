#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/mcp/hide_tools.hpp"
#include "host/mcp/initialize.hpp"
#include "host/mcp/tell_changes.hpp"

namespace mcpr::mcp {
namespace {

ToolNamesPtr hidden(std::vector<std::string> names = {"b", "secret", "gr\xc3\xbc\xc3\x9f \"x\""}) {
  return std::make_shared<const ToolNames>(std::move(names));
}

// What a client sees of the text; "(refused) why" where it sees nothing.
std::string seen(EditStage& stage, std::string_view json) {
  std::string out = "left over";
  switch (stage.edit(json, out)) {
    case Verdict::pass: return std::string(json);
    case Verdict::changed: return out;
    case Verdict::drop: return "(dropped)";
    case Verdict::refused: return "(refused) " + out;
  }
  return {};
}

std::string seen(std::string_view json) {
  HideTools stage(hidden());
  return seen(stage, json);
}

std::string listing(std::string_view tools) {
  return R"({"jsonrpc":"2.0","id":1,"result":{"tools":)" + std::string(tools) + R"(,"nextCursor":"c"}})";
}

TEST(HideTools, CutsThemOutWithTheirCommas) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([{"name":"a"},{"name":"c"}])", R"([{"name":"a"},{"name":"c"}])"},
      {R"([{"name":"b"},{"name":"a"},{"name":"c"}])", R"([{"name":"a"},{"name":"c"}])"},
      {R"([{"name":"a"},{"name":"b"},{"name":"c"}])", R"([{"name":"a"},{"name":"c"}])"},
      {R"([{"name":"a"},{"name":"c"},{"name":"b"}])", R"([{"name":"a"},{"name":"c"}])"},
      {R"([{"name":"b"}])", R"([])"},
      {R"([ {"name":"b"} , {"name":"secret"} ])", R"([  ])"},
      {R"([{"name":"a"},{"name":"b"},{"name":"secret"}])", R"([{"name":"a"}])"},
      {R"([{"name":"b"},{"name":"a"},{"name":"secret"}])", R"([{"name":"a"}])"},
      {R"([{"name":"b"},{"name":"b"},{"name":"a"},{"name":"b"},{"name":"b"},{"name":"c"},{"name":"b"}])",
       R"([{"name":"a"},{"name":"c"}])"},
      {"[\n  {\"name\": \"a\"},\n  {\"name\": \"b\"},\n  {\"name\": \"c\"}\n]",
       "[\n  {\"name\": \"a\"},\n  {\"name\": \"c\"}\n]"},
      {"[\n  {\"name\": \"a\"} ,\n  {\"name\": \"b\"}\n]", "[\n  {\"name\": \"a\"}\n]"},
      {"[]", "[]"},
      {"[ ]", "[ ]"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(seen(listing(before)), listing(after));
}

TEST(HideTools, ComparesNamesUnescaped) {
  EXPECT_EQ(seen(listing(R"([{"name":"\u0062"},{"na\u006de":"b"},{"name":"B"},{"name":"b "}])")),
            listing(R"([{"name":"B"},{"name":"b "}])"));
  EXPECT_EQ(seen(listing("[{\"name\":\"gr\\u00fc\xc3\x9f \\\"x\\\"\"}]")), listing("[]"));
  EXPECT_EQ(seen(listing(R"([{"name":"\ud800"},{"name":5},{"title":"b"},"b",null,["b"]])")),
            listing(R"([{"name":"\ud800"},{"name":5},{"title":"b"},"b",null,["b"]])"));
}

TEST(HideTools, LeavesEverythingElseAlone) {
  // A key `tools` elsewhere is no listing, nor is a tool's own content.
  for (const char* text : {
           R"({"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"tools":[{"name":"b"}]}}})",
           R"({"jsonrpc":"2.0","method":"x","params":{"tools":[{"name":"b"}]}})",
           R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"","data":{"tools":[{"name":"b"}]}}})",
           R"({"tools":[{"name":"b"}],"id":1,"result":{}})",
           R"({"id":1,"result":{"tools":{"name":"b"}}})",
           R"({"id":1,"result":[{"tools":[{"name":"b"}]}]})",
           R"({"id":1,"result":{"tools":[{"name":"a","inputSchema":{"name":"b","tools":[{"name":"b"}]}}]}})",
       }) {
    EXPECT_EQ(seen(text), text);
  }
  const std::string odd =
      R"( { "result" : { "_meta":{"x":1.50,"x":[ ]}, "tools":[{"name":"b"}, {"name":"a", "zz":12345678901234567890}] } , "id":"\u0041"} )";
  std::string expected = odd;
  expected.erase(expected.find(R"({"name":"b"}, )"), std::string_view(R"({"name":"b"}, )").size());
  EXPECT_EQ(seen(odd), expected);
}

TEST(HideTools, TakesEveryReadersChoiceOfRepeatedKeys) {
  EXPECT_EQ(
      seen(
          R"({"result":{"tools":[{"name":"b"}],"tools":[{"name":"a"},{"name":"b"}]},"result":{"t\u006fols":[{"name":"b"}]}})"),
      R"({"result":{"tools":[],"tools":[{"name":"a"}]},"result":{"t\u006fols":[]}})");
  EXPECT_EQ(seen(listing(R"([{"name":"b","name":"a"},{"name":"a","name":"b"},{"name":"a"}])")),
            listing(R"([{"name":"a"}])"));
}

TEST(HideTools, Batches) {
  EXPECT_EQ(seen("[" + listing(R"([{"name":"b"}])") + " , " + R"({"id":2,"result":{}})" + "," +
                 listing(R"([{"name":"a"},{"name":"b"}])") + "]"),
            "[" + listing("[]") + " , " + R"({"id":2,"result":{}})" + "," + listing(R"([{"name":"a"}])") + "]");
}

TEST(HideTools, WhatCannotBeReadIsRefused) {
  for (const char* text :
       {"", " ", "nonsense", R"({"result":{"tools":[{"name":"b"}]})", R"({"result":{"tools":[{"name":"b"},]}})",
        R"({"result":{"tools":[{"name":"b"}]}} {})", "{\"result\":{\"tools\":[{\"name\":\"b\x01\"}]}}",
        "{\"result\":{\"tools\":[{\"name\":\"\xff\"}]}}", R"({"result":{"tools":[{"name":"b"]}}})"}) {
    EXPECT_TRUE(seen(text).starts_with("(refused) ")) << text << " gives " << seen(text);
    EXPECT_GT(seen(text).size(), 12u) << "without a reason";
  }
  EXPECT_TRUE(seen(listing(std::string(300, '[') + std::string(300, ']'))).starts_with("(refused) "));
}

TEST(HideTools, Huge) {
  std::string before = "[", after = "[";
  for (int i = 0; i < 50'000; ++i) {
    const std::string tool = R"({"name":"tool)" + std::to_string(i) + R"(","description":"\n\u00e9"})";
    before += (i ? "," : "") + tool + R"(,{"name":"secret"})";
    after += (i ? "," : "") + tool;
  }
  EXPECT_EQ(seen(listing(before + "]")), listing(after + "]"));
}

TEST(TellChanges, SetsTheCapability) {
  TellChanges stage;
  const auto answer = [](std::string_view capabilities) {
    return R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":)" +
           std::string(capabilities) + R"(,"instructions":"x"}})";
  };
  const std::pair<const char*, const char*> cases[] = {
      {R"({"tools":{}})", R"({"tools":{"listChanged":true}})"},
      {R"({"tools":{ }})", R"({"tools":{"listChanged":true }})"},
      {R"({"tools":{"x":1}})", R"({"tools":{"listChanged":true,"x":1}})"},
      {R"({"tools":{"listChanged":false}})", R"({"tools":{"listChanged":true}})"},
      {R"({"tools":{ "x" : 1 , "listChanged" : null }})", R"({"tools":{ "x" : 1 , "listChanged" : true }})"},
      {R"({"tools":{"listChanged":true}})", R"({"tools":{"listChanged":true}})"},
      {R"({"tools":{"listChanged":false,"list\u0043hanged":0}})",
       R"({"tools":{"listChanged":true,"list\u0043hanged":true}})"},
      {R"({"prompts":{"listChanged":false}})", R"({"prompts":{"listChanged":false}})"},
      {R"({"tools":[]})", R"({"tools":[]})"},
      {R"({"tools":null})", R"({"tools":null})"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(seen(stage, answer(before)), answer(after));
  for (const char* text : {R"({"id":1,"error":{"code":1}})", "nonsense", R"({"result":{"capabilities":{"tools":{}})"}) {
    EXPECT_EQ(seen(stage, text), text);
  }
}

TEST(TellChanges, WhatTheRouterReadsOfIt) {
  const auto read = [](const char* capabilities) {
    return *read_initialize_result(R"({"protocolVersion":"x","capabilities":)" + std::string(capabilities) + "}");
  };
  EXPECT_FALSE(read("{}").tools);
  EXPECT_TRUE(read(R"({"tools":{}})").tools);
  EXPECT_FALSE(read(R"({"tools":{}})").tools_list_changed);
  EXPECT_FALSE(read(R"({"resources":{"listChanged":true,"subscribe":true}})").tools_list_changed);
  EXPECT_TRUE(read(R"({"tools":{"listChanged":true}})").tools_list_changed);
}

}  // namespace
}  // namespace mcpr::mcp
