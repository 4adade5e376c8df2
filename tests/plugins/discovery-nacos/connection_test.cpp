// The life of a gRPC connection on a wire that the test holds.
#include "rpc/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "model/json.hpp"

namespace mcpr::nacos {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Result = Wire::Answer::Result;
using Ms = std::chrono::milliseconds;

struct FakeWire final : Wire {
  struct Call {
    Message request;
    std::function<void(Answer)> on_answer;
  };
  std::string open(const Address& server, Events to) override {
    opened.push_back(server.authority());
    events = std::move(to);
    calls.clear();
    written.clear();
    streams = 0;
    return problem;
  }
  void call(const Message& request, Ms, std::function<void(Answer)> on_answer) override {
    calls.push_back({request, std::move(on_answer)});
  }
  void open_stream() override { ++streams; }
  void write(const Message& message) override { written.push_back(message); }
  void close() override { ++closed; }
  void stop(std::function<void()> done) override { done(); }

  // The oldest call that is not answered.
  std::string next() const { return calls.empty() ? "" : calls.front().request.type; }
  void answer(Answer answer) {
    ASSERT_FALSE(calls.empty());
    const Call call = std::move(calls.front());
    calls.pop_front();
    call.on_answer(std::move(answer));
  }
  void answer(const std::string& type, JsonObject body) {
    Answer out;
    out.result = Result::came;
    out.message = {type, std::move(body), {}};
    answer(std::move(out));
  }
  void fail(Result result, const std::string& error) { answer({result, error, {}}); }
  void push(const std::string& type, JsonObject body) { events.received({type, std::move(body), {}}); }

  Events events;
  std::vector<std::string> opened;
  std::deque<Call> calls;
  std::vector<Message> written;
  std::string problem;
  int streams = 0, closed = 0;
};

struct FakeCredentials final : Credentials {
  void ready(std::function<void()> go) override { held ? waiting.push_back(std::move(go)) : go(); }
  std::string token() const override { return now; }
  std::string problem() const override { return why; }
  void refused(const std::string& token, std::function<void(bool)> go) override {
    refusals.push_back(token);
    now = next;
    go(!next.empty());
  }
  sdk::KeyValues signature(const Resource& resource) const override { return {{"signed", resource.group}}; }
  std::string now = "T1", next, why;
  bool held = false;
  std::vector<std::function<void()>> waiting;
  std::vector<std::string> refusals;
};

struct GrpcConnection : ::testing::Test {
  void start() {
    connection.start({[this] { log.emplace_back("connected"); },
                      [this](const std::string& why) { log.push_back("lost: " + why); },
                      [this](const std::string& type, const JsonObject& body) {
                        log.push_back("pushed " + type + " " + text_in(body, "dataId"));
                      }});
    agenda.run();
  }
  void pass(Ms time) {
    for (const auto end = now + time; now < end;) {
      now += Ms(10);
      agenda.run();
    }
  }
  void check(bool negotiates) {
    ASSERT_EQ(wire.next(), "ServerCheckRequest");
    JsonObject body{{"resultCode", 200}, {"connectionId", "1_x"}};
    if (negotiates) body["supportAbilityNegotiation"] = true;
    wire.answer("ServerCheckResponse", body);
  }
  void connect() {
    start();
    check(true);
    wire.push("SetupAckRequest", {{"abilityTable", {{"fuzzyWatch", true}, {"lock", false}}}});
    ASSERT_THAT(log, ElementsAre("connected"));
    log.clear();
  }
  void request(const std::string& type, JsonObject body = {}) {
    connection.request(type, std::move(body), [this](const Reply& reply) {
      log.push_back(reply.ok ? "ok " + boost::json::serialize(reply.body)
                             : std::to_string(reply.code) + " " + reply.error);
    });
  }

  Agenda::Time now{std::chrono::hours(1)};
  Agenda agenda{[this] { return now; }};
  FakeWire wire;
  FakeCredentials credentials;
  std::vector<std::string> log, notes;
  Connection connection{wire,
                        agenda,
                        credentials,
                        Rotation({{"a", 1, false, ""}, {"b", 2, false, ""}}, 0, 1),
                        {"client", "public"},
                        [this](const std::string& line) { notes.push_back(line); }};
};

TEST_F(GrpcConnection, WaitsForTheAcknowledgementOfServersThatNegotiate) {
  start();
  EXPECT_THAT(wire.opened, ElementsAre("a:1"));
  check(true);
  EXPECT_EQ(wire.streams, 1);
  ASSERT_EQ(wire.written.size(), 1U);
  EXPECT_EQ(wire.written[0].type, "ConnectionSetupRequest");
  EXPECT_EQ(text_in(wire.written[0].body, "tenant"), "public");
  EXPECT_EQ(object_in(wire.written[0].body, "labels")->at("source"), "sdk");
  EXPECT_THAT(wire.written[0].headers, ElementsAre(std::pair("accessToken", "T1")));
  EXPECT_THAT(log, IsEmpty());
  wire.push("SetupAckRequest", {{"abilityTable", {{"fuzzyWatch", true}, {"lock", false}}}});
  EXPECT_THAT(log, ElementsAre("connected"));
  EXPECT_TRUE(connection.can("fuzzyWatch"));
  EXPECT_FALSE(connection.can("lock"));
  EXPECT_FALSE(connection.can("mcp"));
}

TEST_F(GrpcConnection, OfOlderServersOnlyTryingTells) {
  start();
  check(false);
  EXPECT_EQ(wire.next(), "HealthCheckRequest");
  wire.answer("ErrorResponse", {{"resultCode", 500}, {"errorCode", 301}, {"message", "Connection is unregistered."}});
  EXPECT_EQ(wire.next(), "");
  pass(Ms(100));
  wire.answer("HealthCheckResponse", {{"resultCode", 200}});
  EXPECT_THAT(log, ElementsAre("connected"));
  EXPECT_FALSE(connection.can("fuzzyWatch"));
}

TEST_F(GrpcConnection, ASetUpThatTakesTooLongIsGivenUp) {
  start();
  check(true);
  pass(Ms(5'000));
  EXPECT_THAT(log, ElementsAre("lost: a:1: the connection was not set up in time"));
}

TEST_F(GrpcConnection, TriesTheServersInTurnThenWaitsLongerAndLonger) {
  start();
  wire.fail(Result::gone, "refused");
  EXPECT_THAT(log, ElementsAre("lost: a:1: refused"));
  pass(Ms(150));
  EXPECT_THAT(wire.opened, ElementsAre("a:1", "b:2"));
  wire.fail(Result::late, "no answer in time");
  pass(Ms(390));
  EXPECT_EQ(wire.opened.size(), 2U);
  pass(Ms(220));
  EXPECT_EQ(wire.opened.back(), "a:1");
  for (int i = 0; i < 20; ++i) {
    wire.fail(Result::gone, "refused");
    pass(Ms(6'000));
  }
  EXPECT_EQ(wire.opened.size(), 23U) << "never longer than five seconds and a fifth";
}

TEST_F(GrpcConnection, AChannelThatCannotBeMade) {
  wire.problem = "/ca.pem: cannot be read, or is empty";
  start();
  EXPECT_THAT(log, ElementsAre("lost: a:1: /ca.pem: cannot be read, or is empty"));
  wire.problem.clear();
  pass(Ms(1'000));
  EXPECT_EQ(wire.next(), "ServerCheckRequest");
}

TEST_F(GrpcConnection, Requests) {
  request("ServiceListRequest");
  EXPECT_THAT(log, IsEmpty()) << "never inside the call";
  agenda.run();
  EXPECT_THAT(log, ElementsAre("0 gRPC is not connected"));
  log.clear();
  connect();
  request("ConfigQueryRequest", {{"group", "G"}});
  const Message& sent = wire.calls.front().request;
  EXPECT_EQ(text_in(sent.body, "module"), "config");
  EXPECT_THAT(sent.headers, ElementsAre(std::pair("accessToken", "T1"), std::pair("signed", "G")));
  wire.answer("ConfigQueryResponse", {{"resultCode", 500}, {"errorCode", 300}, {"message", "config data not exist"}});
  request("ServiceListRequest");
  wire.answer("ServiceListResponse", {{"resultCode", 200}, {"count", 0}});
  request("NewRequest");
  wire.fail(Result::failed, "a message that is no Payload");
  EXPECT_THAT(log, ElementsAre("300 config data not exist", R"(ok {"resultCode":200,"count":0})",
                               "0 a message that is no Payload"));
}

TEST_F(GrpcConnection, ARefusedTokenIsReplacedAndTheRequestRepeatedOnce) {
  connect();
  credentials.next = "T2";
  const JsonObject refusal{{"resultCode", 500}, {"errorCode", 403}, {"message", "Code: 401, Message: token expired!."}};
  request("ServiceListRequest");
  wire.answer("ServiceListResponse", refusal);
  EXPECT_THAT(credentials.refusals, ElementsAre("T1"));
  EXPECT_THAT(wire.calls.front().request.headers.front(), std::pair("accessToken", "T2"));
  wire.answer("ServiceListResponse", refusal);
  EXPECT_THAT(log, ElementsAre("403 Code: 401, Message: token expired!."));
  log.clear();
  credentials.next.clear();
  credentials.why = "login failed";
  request("ServiceListRequest");
  wire.answer("ServiceListResponse", refusal);
  EXPECT_THAT(log, ElementsAre("403 Code: 401, Message: token expired!. (login failed)"));
}

TEST_F(GrpcConnection, PushesAreAcknowledgedThenTold) {
  connect();
  wire.written.clear();
  wire.push("ConfigChangeNotifyRequest", {{"requestId", "10"}, {"dataId", "d"}});
  ASSERT_EQ(wire.written.size(), 1U);
  EXPECT_EQ(wire.written[0].type, "ConfigChangeNotifyResponse");
  EXPECT_EQ(wire.written[0].body.at("requestId"), "10");
  EXPECT_EQ(wire.written[0].body.at("resultCode"), 200);
  EXPECT_FALSE(wire.written[0].body.contains("module"));
  wire.push("ClientDetectionRequest", {{"requestId", "2"}});
  EXPECT_EQ(wire.written[1].type, "ClientDetectionResponse");
  wire.push("SomethingResponse", {});
  EXPECT_EQ(wire.written.size(), 2U);
  EXPECT_THAT(log, ElementsAre("pushed ConfigChangeNotifyRequest d"));
  wire.events.garbled("a message that is no Payload");
  EXPECT_THAT(notes, ElementsAre("gRPC: a message that is no Payload"));
}

TEST_F(GrpcConnection, ALossFailsWhatIsUnderWayAndTheNextServerIsTried) {
  connect();
  request("ServiceListRequest");
  wire.events.closed("the server has ended the connection");
  EXPECT_THAT(
      log, ElementsAre("0 a:1: the server has ended the connection", "lost: a:1: the server has ended the connection"));
  EXPECT_EQ(wire.closed, 1);
  const auto old = wire.events;
  pass(Ms(200));
  EXPECT_EQ(wire.opened.back(), "b:2");
  log.clear();
  old.closed("again");
  old.received({"SetupAckRequest", {}, {}});
  EXPECT_THAT(log, IsEmpty()) << "what belongs to the link before is not heard";
  check(false);
  wire.answer("HealthCheckResponse", {{"resultCode", 200}});
  EXPECT_THAT(log, ElementsAre("connected"));
  EXPECT_FALSE(connection.can("fuzzyWatch")) << "abilities are of one server";
}

TEST_F(GrpcConnection, AServerThatForgotUsIsLost) {
  connect();
  request("ServiceListRequest");
  wire.answer("ErrorResponse", {{"resultCode", 500}, {"errorCode", 301}, {"message", "Connection is unregistered."}});
  EXPECT_THAT(log, ElementsAre("0 a:1: Connection is unregistered.", "lost: a:1: Connection is unregistered."));
}

TEST_F(GrpcConnection, QuietIsCheckedTwice) {
  connect();
  pass(Ms(5'000));
  ASSERT_EQ(wire.next(), "HealthCheckRequest");
  wire.answer("HealthCheckResponse", {{"resultCode", 200}});
  pass(Ms(4'000));
  wire.push("ClientDetectionRequest", {});
  pass(Ms(4'000));
  EXPECT_EQ(wire.next(), "") << "a sign of life is as good";
  pass(Ms(1'000));
  wire.fail(Result::late, "no answer in time");
  EXPECT_THAT(log, IsEmpty());
  ASSERT_EQ(wire.next(), "HealthCheckRequest");
  wire.fail(Result::late, "no answer in time");
  EXPECT_THAT(log, ElementsAre("lost: a:1: no answer in time"));
}

TEST_F(GrpcConnection, ARequestWithoutAnswerIsAReasonToCheck) {
  connect();
  request("ServiceListRequest");
  wire.fail(Result::late, "no answer in time");
  EXPECT_THAT(log, ElementsAre("0 no answer in time"));
  EXPECT_EQ(wire.next(), "HealthCheckRequest");
}

TEST_F(GrpcConnection, GoesWhereTheServerSendsIt) {
  connect();
  wire.push("ConnectResetRequest", {{"requestId", "7"}, {"serverIp", "b"}, {"serverPort", "2"}});
  EXPECT_EQ(wire.written.back().type, "ConnectResetResponse");
  EXPECT_THAT(log, ElementsAre("lost: a:1 asks us to go to b:2"));
  pass(Ms(200));
  EXPECT_EQ(wire.opened.back(), "b:2");
  check(true);
  wire.push("SetupAckRequest", {});
  wire.push("ConnectResetRequest", {{"serverIp", "10.0.0.9"}, {"serverPort", "8848"}});
  pass(Ms(200));
  EXPECT_EQ(wire.opened.back(), "10.0.0.9:8848");
  wire.fail(Result::gone, "refused");
  pass(Ms(200));
  EXPECT_EQ(wire.opened.back(), "a:1") << "one of ours again";
}

TEST_F(GrpcConnection, ALoginIsWaitedFor) {
  credentials.held = true;
  start();
  EXPECT_THAT(wire.opened, IsEmpty());
  credentials.held = false;
  credentials.waiting.at(0)();
  EXPECT_EQ(wire.next(), "ServerCheckRequest");
}

TEST_F(GrpcConnection, StopIsSilent) {
  connect();
  request("ServiceListRequest");
  bool done = false;
  connection.stop([&] { done = true; });
  EXPECT_TRUE(done);
  request("ServiceListRequest");
  pass(Ms(30'000));
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(wire.opened.size(), 1U);
}

TEST(Rotation, ALongConnectionForgetsEarlierFailures) {
  Rotation rotation({{"a", 1, false, ""}}, 0, 1);
  Ms wait{0};
  for (int i = 0; i < 10; ++i) wait = rotation.failed();
  EXPECT_GE(wait, Ms(4'000));
  rotation.held();
  EXPECT_LE(rotation.failed(), Ms(600));
}

}  // namespace
}  // namespace mcpr::nacos
