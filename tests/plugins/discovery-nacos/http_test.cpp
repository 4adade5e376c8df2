// The HTTP side against a Nacos that the test plays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "auth/identity.hpp"
#include "http/http_api.hpp"
#include "tests/plugins/support/fake_host.hpp"

namespace mcpr::nacos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string header(const sdk::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

struct HttpSide : ::testing::Test {
  HttpSide() {
    host.on_http = [this](const sdk::HttpRequest& request) -> std::optional<sdk::HttpResponse> {
      const std::size_t path = request.url.find('/', 8);
      const std::string server = request.url.substr(0, path);
      asked.push_back(request.method + " " + request.url + (request.body.empty() ? "" : " " + request.body));
      if (down.count(server)) return sdk::HttpResponse{MCPR_E_UNAVAILABLE, 0, {}, {}, "connection refused"};
      return answer(request, request.url.substr(path + 6));  // without /nacos
    };
  }
  // A Nacos with users: tokens T1, T2, ... of which only the last is good.
  std::optional<sdk::HttpResponse> answer(const sdk::HttpRequest& request, const std::string& path) {
    const auto reply = [](std::uint32_t code, std::string body) {
      return sdk::HttpResponse{MCPR_OK, code, {}, std::move(body), {}};
    };
    if (path.ends_with("/login")) {
      if (path.starts_with("/v3") && !v3) return reply(404, "");
      ++logins;
      if (request.body != "username=u&password=p%26") return reply(403, "unknown user!");
      good = "T" + std::to_string(logins);
      return reply(200, R"({"accessToken":")" + good + R"(","tokenTtl":)" + std::to_string(ttl) + "}");
    }
    if (path.starts_with("/v1/slow")) return {};
    if (path.starts_with("/v1/forbidden")) return reply(403, "Code: 403, Message: authorization failed!.");
    if (header(request, "Authorization") != "Bearer " + good) {
      return reply(403, R"({"message":"Code: 401, Message: token invalid!."})");
    }
    return reply(200, R"({"code":0,"message":"success","data":"fine"})");
  }

  void use(std::vector<std::string> servers, std::string user = "u", std::string password = "p&") {
    std::vector<Address> addresses;
    for (const std::string& name : servers) addresses.push_back({name, 1, false, "/nacos"});
    requester.emplace(host.host(), addresses, 0, "");
    identity.emplace(*requester, agenda, Identity::User{std::move(user), std::move(password)}, AccessKey{},
                     milliseconds(1'000),
                     Identity::Out{[this](const std::string& line) { notes.push_back(line); },
                                   [this](const std::string& why) { problem = why; }});
    api.emplace(*requester, *identity, milliseconds(1'000));
  }
  Reply call(const std::string& path, Api::Parameters parameters = {}) {
    std::optional<Reply> got;
    api->call("GET", path, std::move(parameters), [&](Reply reply) { got = std::move(reply); });
    EXPECT_FALSE(got) << "never inside the call";
    EXPECT_TRUE(host.run_until([&] { return got.has_value(); }));
    return *got;
  }
  void pass(seconds time) {
    now += time;
    agenda.run();
    host.settle();
  }

  FakeHost host;
  Agenda::Time now{std::chrono::hours(1)};
  Agenda agenda{[this] { return now; }};
  std::set<std::string> down;
  std::vector<std::string> asked, notes;
  std::string problem = "?";
  std::string good;
  int logins = 0;
  int ttl = 100;
  bool v3 = true;
  std::optional<Requester> requester;
  std::optional<Identity> identity;
  std::optional<HttpApi> api;
};

TEST_F(HttpSide, LogsInOnceForMany) {
  use({"a"});
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    api->call("GET", "/x", {{"k", "v w"}}, [&](const Reply& reply) { answers += reply.ok && reply.body == "fine"; });
  }
  ASSERT_TRUE(host.run_until([&] { return answers == 3; }));
  EXPECT_EQ(logins, 1);
  EXPECT_EQ(asked.front(), "POST http://a:1/nacos/v3/auth/user/login username=u&password=p%26");
  EXPECT_EQ(asked.back(), "GET http://a:1/nacos/x?k=v%20w");
}

TEST_F(HttpSide, OlderServersLogInElsewhere) {
  v3 = false;
  use({"a"});
  EXPECT_TRUE(call("/x").ok);
  EXPECT_THAT(asked[1], HasSubstr("/v1/auth/login"));
}

TEST_F(HttpSide, ATokenIsRenewedBeforeItEnds) {
  use({"a"});
  EXPECT_TRUE(call("/x").ok);
  pass(seconds(89));
  EXPECT_EQ(logins, 1);
  pass(seconds(2));
  EXPECT_EQ(logins, 2) << "without anybody asking";
  EXPECT_EQ(identity->token(), "T2");
}

TEST_F(HttpSide, ARefusedTokenIsReplacedOnce) {
  use({"a"});
  EXPECT_TRUE(call("/x").ok);
  now += seconds(10);
  good = "of a server that was restarted";
  EXPECT_TRUE(call("/x").ok);
  EXPECT_EQ(logins, 2);
  EXPECT_EQ(asked.size(), 5U);
}

TEST_F(HttpSide, WhatAUserMayNotDoIsNoMatterOfTokens) {
  use({"a"});
  const Reply reply = call("/v1/forbidden");
  EXPECT_EQ(reply.code, 403);
  EXPECT_EQ(logins, 1);
}

TEST_F(HttpSide, AWrongPasswordIsSaid) {
  use({"a"}, "u", "wrong");
  const Reply reply = call("/x");
  EXPECT_FALSE(reply.ok);
  EXPECT_EQ(reply.error,
            "HTTP 403: Code: 401, Message: token invalid!. (login as 'u' failed: HTTP 403: unknown user!)");
  EXPECT_THAT(notes, ElementsAre("login as 'u' failed: HTTP 403: unknown user!"));
  EXPECT_EQ(problem, notes[0]);
  EXPECT_EQ(logins, 1) << "an account must not be locked";
  call("/x");
  EXPECT_EQ(logins, 1);
}

TEST_F(HttpSide, WithoutAUserNobodyLogsIn) {
  use({"a"}, "");
  good = "x";
  const Reply reply = call("/x");
  EXPECT_EQ(reply.code, 403);
  EXPECT_EQ(logins, 0);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(problem, "?");
}

TEST_F(HttpSide, AServerThatAsksNobodyDoesNotMindAFailedLogin) {
  use({"a"}, "u", "wrong");
  host.on_http = [](const sdk::HttpRequest& request) {
    return request.url.ends_with("/login") ? sdk::HttpResponse{MCPR_OK, 500, {}, "", {}}
                                           : sdk::HttpResponse{MCPR_OK, 200, {}, "fine", {}};
  };
  EXPECT_TRUE(call("/x").ok);
  EXPECT_EQ(problem, "?");
  EXPECT_THAT(notes, ElementsAre("login as 'u' failed: HTTP 500"));
}

TEST_F(HttpSide, ALoginThatWorksAtLast) {
  use({"a"});
  down = {"http://a:1"};
  EXPECT_FALSE(call("/x").ok);
  down.clear();
  EXPECT_EQ(call("/x").code, 403) << "the next login is not due yet";
  EXPECT_EQ(problem, "login as 'u' failed: a:1: connection refused");
  pass(seconds(2));
  EXPECT_EQ(problem, "");
  EXPECT_THAT(notes.back(), "logged in as 'u'");
  EXPECT_TRUE(call("/x").ok);
}

TEST_F(HttpSide, OtherServersAreTriedAndTheGoodOneIsKept) {
  use({"a", "b", "c"});
  down = {"http://a:1", "http://b:1"};
  EXPECT_TRUE(call("/x").ok);
  asked.clear();
  EXPECT_TRUE(call("/x").ok);
  EXPECT_THAT(asked, ElementsAre("GET http://c:1/nacos/x"));
  down = {"http://a:1", "http://b:1", "http://c:1"};
  const Reply reply = call("/x");
  EXPECT_EQ(reply.code, 0);
  EXPECT_EQ(reply.error, "b:1: connection refused");
  EXPECT_EQ(asked.size(), 4U) << "each once";
}

TEST_F(HttpSide, WithoutAClientOfTheHost) {
  use({"a"}, "");
  host.on_http = nullptr;
  EXPECT_EQ(call("/x").error, "a:1: this host has no HTTP client");
}

TEST_F(HttpSide, StopEndsAll) {
  use({"a"});
  EXPECT_TRUE(call("/x").ok);
  bool called = false;
  api->call("GET", "/v1/slow", {}, [&](const Reply&) { called = true; });
  host.settle();
  EXPECT_EQ(host.unanswered(), 1U);
  api->stop();
  identity->stop();
  requester->stop();
  EXPECT_EQ(host.unanswered(), 0U);
  api->call("GET", "/x", {}, [&](const Reply&) { called = true; });
  host.settle();
  EXPECT_FALSE(called);
}

TEST_F(HttpSide, AccessKeysSign) {
  use({"a"}, "");
  identity.emplace(*requester, agenda, Identity::User{}, AccessKey{"AK", "SK"}, milliseconds(1'000),
                   Identity::Out{[](const std::string&) {}, [](const std::string&) {}});
  std::string access, data;
  host.on_http = [&](const sdk::HttpRequest& request) {
    access = header(request, "Spas-AccessKey") + header(request, "ak");
    data = header(request, "data");
    return sdk::HttpResponse{MCPR_OK, 200, {}, "ok", {}};
  };
  EXPECT_TRUE(call("/v1/cs/configs", {{"group", "G"}}).ok);
  EXPECT_EQ(access, "AK");
  EXPECT_TRUE(call("/v1/ns/instance/list", {{"serviceName", "s"}, {"groupName", "G"}}).ok);
  EXPECT_EQ(access, "AK");
  EXPECT_THAT(data, HasSubstr("@@G@@s"));
}

}  // namespace
}  // namespace mcpr::nacos
