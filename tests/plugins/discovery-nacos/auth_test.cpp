// Signatures, tokens, and what logins and HTTP answers say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/login_answer.hpp"
#include "auth/sign.hpp"
#include "auth/token_keeper.hpp"
#include "http/answer.hpp"
#include "http/form.hpp"

namespace mcpr::nacos {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

sdk::HttpResponse http(std::uint32_t code, std::string body) { return {MCPR_OK, code, {}, std::move(body), {}}; }

TEST(Sign, HmacSha1) {
  // RFC 2202, test case 2.
  EXPECT_EQ(hmac_sha1_base64("Jefe", "what do ya want for nothing?"), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
}

TEST(Sign, WhatIsSigned) {
  const AccessKey key{"AK", "SK"};
  EXPECT_THAT(signature({}, {}, 1), IsEmpty());
  EXPECT_THAT(signature(key, {Resource::Kind::naming, "public", "G", "svc"}, 17),
              ElementsAre(std::pair("ak", "AK"), std::pair("data", "17@@G@@svc"),
                          std::pair("signature", hmac_sha1_base64("SK", "17@@G@@svc"))));
  EXPECT_EQ(signature(key, {Resource::Kind::naming, "", "G", ""}, 17)[1].second, "17");
  EXPECT_EQ(signature(key, {Resource::Kind::naming, "", "G", "H@@svc"}, 17)[1].second, "17@@H@@svc");
  EXPECT_THAT(signature(key, {Resource::Kind::config, "ns", "G", ""}, 17),
              ElementsAre(std::pair("Spas-AccessKey", "AK"), std::pair("Timestamp", "17"),
                          std::pair("Spas-Signature", hmac_sha1_base64("SK", "ns+G+17"))));
  EXPECT_EQ(signature(key, {Resource::Kind::config, "", "G", ""}, 17)[2].second, hmac_sha1_base64("SK", "G+17"));
  EXPECT_EQ(signature(key, {}, 17)[2].second, hmac_sha1_base64("SK", "17"));
}

TEST(Sign, WhatARequestIsAbout) {
  using Kind = Resource::Kind;
  EXPECT_EQ(resource_of_path("/v1/ns/instance/list", {{"serviceName", "s"}, {"groupName", "g"}, {"namespaceId", "n"}}),
            (Resource{Kind::naming, "n", "g", "s"}));
  EXPECT_EQ(resource_of_path("/v1/cs/configs", {{"dataId", "d"}, {"group", "g"}, {"tenant", "n"}}),
            (Resource{Kind::config, "n", "g", ""}));
  EXPECT_EQ(resource_of_path("/v3/client/cs/config", {{"groupName", "g"}, {"namespaceId", "n"}}),
            (Resource{Kind::config, "n", "g", ""}));
  EXPECT_EQ(resource_of_type("SubscribeServiceRequest", {{"namespace", "n"}, {"groupName", "g"}, {"serviceName", "s"}}),
            (Resource{Kind::naming, "n", "g", "s"}));
  EXPECT_EQ(resource_of_type("ConfigQueryRequest", {{"tenant", "n"}, {"group", "g"}, {"dataId", "d"}}),
            (Resource{Kind::config, "n", "g", ""}));
  EXPECT_EQ(resource_of_type("ConfigBatchListenRequest",
                             {{"configListenContexts", {{{"tenant", "n"}, {"group", "g"}, {"dataId", "d"}}}}}),
            (Resource{Kind::config, "n", "g", ""}));
}

struct Token : ::testing::Test {
  TokenKeeper keeper{true};
  TokenKeeper::Time now{std::chrono::hours(1)};
};

TEST_F(Token, NotNeeded) {
  TokenKeeper none(false);
  EXPECT_FALSE(none.must_wait(now));
  EXPECT_FALSE(none.due(now));
}

TEST_F(Token, IsRenewedAheadOfItsEnd) {
  EXPECT_TRUE(keeper.must_wait(now));
  keeper.got("T", seconds(100), now);
  EXPECT_FALSE(keeper.must_wait(now));
  EXPECT_FALSE(keeper.due(now + seconds(89)));
  EXPECT_TRUE(keeper.due(now + seconds(90)));
  EXPECT_EQ(keeper.next(), now + seconds(90));
  EXPECT_FALSE(keeper.must_wait(now + seconds(99))) << "requests go on meanwhile";
  EXPECT_TRUE(keeper.must_wait(now + seconds(100)));
}

TEST_F(Token, AFailedLoginIsTriedAgainLaterAndLater) {
  keeper.failed("no", now);
  EXPECT_EQ(keeper.problem(), "no");
  EXPECT_FALSE(keeper.must_wait(now)) << "requests go without a token: perhaps none is needed";
  EXPECT_TRUE(keeper.must_wait(now + seconds(1)));
  keeper.failed("no", now + seconds(1));
  EXPECT_FALSE(keeper.due(now + seconds(2)));
  EXPECT_TRUE(keeper.due(now + seconds(3)));
  keeper.got("T", seconds(100), now + seconds(3));
  EXPECT_EQ(keeper.problem(), "");
}

TEST_F(Token, ARefusedOneIsReplaced) {
  keeper.got("T", seconds(100), now);
  keeper.refused("another", now + seconds(5));
  EXPECT_EQ(keeper.token(), "T") << "somebody else has replaced it already";
  keeper.refused("T", now + seconds(5));
  EXPECT_EQ(keeper.token(), "");
  EXPECT_TRUE(keeper.must_wait(now + seconds(5)));
  keeper.got("U", seconds(100), now + seconds(5));
  keeper.refused("U", now + seconds(5));
  EXPECT_FALSE(keeper.must_wait(now + seconds(5))) << "not one login after the other";
}

TEST_F(Token, AFailedRenewalLeavesTheOldOneToItsEnd) {
  keeper.got("T", seconds(100), now);
  keeper.failed("away", now + seconds(95));
  EXPECT_EQ(keeper.token(), "T");
  keeper.failed("away", now + seconds(100));
  EXPECT_EQ(keeper.token(), "");
}

TEST(Login, Answers) {
  const LoginAnswer good = read_login(http(200, R"({"accessToken":"eyJ","tokenTtl":5,"globalAdmin":true})"));
  EXPECT_TRUE(good.ok);
  EXPECT_EQ(good.token, "eyJ");
  EXPECT_EQ(good.ttl, seconds(5));
  EXPECT_EQ(read_login(http(200, R"({"accessToken":"eyJ"})")).ttl, seconds(18'000));
  EXPECT_EQ(read_login(http(200, R"({"accessToken":"eyJ","tokenTtl":1e300})")).ttl, seconds(86'400));
  EXPECT_EQ(read_login(http(200, R"({})")).error, "the answer holds no accessToken");
  EXPECT_EQ(read_login(http(200, "[]")).error, "the answer holds no accessToken");
  EXPECT_TRUE(read_login(http(404, "")).no_such_path);
  const LoginAnswer wrong =
      read_login(http(500, R"({"status":500,"error":"Internal Server Error","message":"No message available"})"));
  EXPECT_FALSE(wrong.ok);
  EXPECT_FALSE(wrong.no_such_path);
  EXPECT_EQ(wrong.error, "HTTP 500: Internal Server Error");
  EXPECT_EQ(read_login(http(403, "unknown user!")).error, "HTTP 403: unknown user!");
}

TEST(Answer, Envelopes) {
  const Reply good = read_answer(http(200, R"({"code":0,"message":"success","data":{"a":1}})"));
  EXPECT_TRUE(good.ok);
  EXPECT_EQ(good.body, (boost::json::object{{"a", 1}}));
  EXPECT_TRUE(read_answer(http(200, R"({"code":0,"message":"success","data":null})")).body.is_null());
  const Reply absent = read_answer(http(200, R"({"code":20004,"message":"resource not found","data":null})"));
  EXPECT_FALSE(absent.ok);
  EXPECT_EQ(absent.code, 20004);
  EXPECT_EQ(absent.error, "resource not found");
  const Reply gone =
      read_answer(http(404, R"({"code":50000,"message":"MCP server not found","data":"Mcp server [x]"})"));
  EXPECT_EQ(gone.code, 404);
  EXPECT_EQ(gone.error, "HTTP 404: MCP server not found: Mcp server [x]");
}

TEST(Answer, OtherDocuments) {
  EXPECT_EQ(read_answer(http(200, R"({"count":0,"doms":[]})")).body,
            (boost::json::object{{"count", 0}, {"doms", boost::json::array{}}}));
  EXPECT_TRUE(read_answer(http(200, R"({"clientBeatInterval":5000,"code":10200})")).ok);
  EXPECT_EQ(read_answer(http(200, "ok")).body, "ok");
  const Reply text = read_answer(http(200, R"({"code":1,"data":2})"), true);
  EXPECT_TRUE(text.ok);
  EXPECT_EQ(text.body, R"({"code":1,"data":2})");
  EXPECT_EQ(text.raw, R"({"code":1,"data":2})");
}

TEST(Answer, Failures) {
  const Reply none = read_answer({MCPR_E_UNAVAILABLE, 0, {}, {}, "connection refused"});
  EXPECT_FALSE(none.ok);
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.error, "connection refused");
  EXPECT_EQ(read_answer(http(404, "config data not exist"), true).error, "HTTP 404: config data not exist");
  EXPECT_EQ(read_answer(http(502, "<html>\n<body>\r\nx\n")).error, "HTTP 502: <html> <body>  x");
  EXPECT_LT(read_answer(http(500, std::string(10'000, 'x'))).error.size(), 400U);
  const Reply expired =
      read_answer(http(403, R"({"status":403,"error":"Forbidden","message":"Code: 401, Message: token expired!."})"));
  EXPECT_TRUE(is_refused(expired));
  EXPECT_FALSE(is_refused(read_answer(http(403, R"({"message":"Code: 403, Message: authorization failed!."})"))));
  EXPECT_FALSE(is_refused(read_answer(http(500, ""))));
}

TEST(Form, Encoding) {
  EXPECT_EQ(percent_encode("a-Z_0.~"), "a-Z_0.~");
  EXPECT_EQ(encode_form({{"serviceName", "G@@a b::1"}, {"x", "\x01\xC3\xA9+&"}}),
            "serviceName=G%40%40a%20b%3A%3A1&x=%01%C3%A9%2B%26");
}

}  // namespace
}  // namespace mcpr::nacos
