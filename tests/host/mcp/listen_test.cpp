#include "host/mcp/listen.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace mcpr::mcp {
namespace {

std::string ack(std::string_view notifications) {
  return R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"notifications":)" +
         std::string(notifications) + "}}";
}

TEST(Listen, WhatIsAskedFor) {
  EXPECT_TRUE(asks_for_tools(R"({"_meta":{},"notifications":{"toolsListChanged":true}})"));
  EXPECT_TRUE(asks_for_tools(R"({"notifications":{"promptsListChanged":true,"tools\u004cistChanged": true }})"));
  for (const char* params :
       {"", "[]", "{}", R"({"notifications":{}})", R"({"notifications":{"toolsListChanged":false}})",
        R"({"notifications":{"toolsListChanged":"true"}})", R"({"toolsListChanged":true})",
        R"({"notifications":{"promptsListChanged":true}})", R"({"notifications":{"toolsListChanged":true})"}) {
    EXPECT_FALSE(asks_for_tools(params)) << params;
  }
}

TEST(Listen, WhatTheRouterSays) {
  for (const char* id : {"1", "\"a \\u0022 b\"", "12345678901234567890123"}) {
    const std::string tag = R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + std::string(id) + "}";
    for (const std::string& text : {listen_acknowledged(id), listen_tools_changed(id), listen_complete(id)}) {
      EXPECT_NE(text.find(tag), std::string::npos) << text;
      EXPECT_NO_THROW(boost::json::parse(text)) << text;
    }
  }
  EXPECT_EQ(
      listen_complete("7"),
      R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":7}}})");
}

TEST(Listen, AnInstanceThatAgreesKeepsTheLastWord) {
  for (const char* agreed :
       {R"({"toolsListChanged":true})", R"({"toolsListChanged":true,"resourceSubscriptions":["a"]})"}) {
    ListenAnswer stage;
    std::string out;
    EXPECT_EQ(stage.edit(ack(agreed), out), Verdict::pass);
    EXPECT_TRUE(stage.acknowledged() && stage.agreed());
    EXPECT_EQ(stage.edit(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}})", out),
              Verdict::pass);
    EXPECT_EQ(stage.edit(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}})", out), Verdict::pass);
    EXPECT_TRUE(stage.answered());
  }
}

TEST(Listen, ToolsAreAddedToWhatItAgreesTo) {
  ListenAnswer stage;
  std::string out;
  EXPECT_EQ(stage.edit(ack(R"({"promptsListChanged":true})"), out), Verdict::changed);
  EXPECT_EQ(out, ack(R"({"toolsListChanged":true,"promptsListChanged":true})"));
  EXPECT_TRUE(stage.agreed());
}

TEST(Listen, OneThatAgreesToNothingMayLeave) {
  for (const char* nothing :
       {"{}", R"({"toolsListChanged":false})", R"({"resourceSubscriptions":[ ],"promptsListChanged":null})"}) {
    ListenAnswer stage;
    std::string out;
    EXPECT_EQ(stage.edit(ack(nothing), out), Verdict::changed) << nothing;
    EXPECT_TRUE(stage.acknowledged());
    EXPECT_FALSE(stage.agreed());
    EXPECT_EQ(stage.edit(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}})", out), Verdict::drop);
    EXPECT_FALSE(stage.answered());
  }
  ListenAnswer unknown;
  std::string out;
  EXPECT_EQ(unknown.edit(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"x"}})", out), Verdict::drop);
  EXPECT_FALSE(unknown.acknowledged());
  EXPECT_EQ(unknown.edit(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"x"}})", out), Verdict::pass);
  EXPECT_TRUE(unknown.answered());
  EXPECT_EQ(ListenAnswer().edit("not found", out), Verdict::pass);
}

}  // namespace
}  // namespace mcpr::mcp
