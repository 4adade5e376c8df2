// Server and client of net/ against each other over loopback, on one loop.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "host/net/http_client.hpp"
#include "host/net/http_server.hpp"

namespace mcpr::net {
namespace {

struct Answer : HttpCall {
  explicit Answer(Loop& l) : loop(l) {}
  void on_response(ResponseHead& head) override {
    status = head.status;
    type = head.headers.get(Field::content_type);
  }
  void on_body(std::string_view piece) override { body.append(piece); }
  void on_done() override { end(); }
  void on_failed(const HttpFailure& f) override {
    failure = std::make_unique<HttpFailure>(f);
    end();
  }
  void end() {
    ended = true;
    if (auto then = std::move(on_end)) then();
  }
  Loop& loop;
  unsigned status = 0;
  std::string type, body;
  bool ended = false;
  std::unique_ptr<HttpFailure> failure;
  UniqueFunction<void()> on_end;
};

struct Exchange : testing::Test, HttpHandler, HttpOwner {
  void SetUp() override { listen({}); }
  void listen(const HttpServerOptions& options) {
    server = std::make_unique<HttpServer>(loop, *this, options);
    const int fd = open_listeners(*Address::numeric("127.0.0.1", 0), 1).front();
    port = local_address(fd).port();
    server->listen(fd);
    OriginOptions to;
    to.host = "127.0.0.1";
    to.port = port;
    origin = std::make_unique<HttpOrigin>(loop, pool, to);
  }
  void on_request(HttpConnection& connection, std::string_view body) override {
    ++requests;
    const std::string target(connection.request().target);
    if (target == "/later") {
      waiting = &connection;
      connection.set_owner(this);
    } else if (target == "/chunks") {
      connection.begin_stream(200, "Content-Type: text/event-stream\r\n");
      for (int i = 0; i < 5; ++i) connection.stream("data: " + std::to_string(i) + "\n\n");
      connection.end_stream("data: last\n\n");
    } else if (target == "/abort") {
      connection.abort();
    } else {
      connection.send(200, "Content-Type: text/plain\r\n", body);
    }
  }
  void on_bad_request(HttpConnection& connection, unsigned status, std::string_view text) override {
    connection.send(status, "Content-Type: text/plain\r\n", text);
  }
  void on_client_gone() override {
    waiting = nullptr;
    loop.stop();
  }

  void send(Answer& answer, std::string_view target, std::string_view body = {}, CallOptions options = {}) {
    const std::string head = "POST " + std::string(target) +
                             " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    origin->send(answer, head, body, options);
  }
  void run(Answer& answer) {
    answer.on_end = [this] { loop.stop(); };
    Timer limit(loop, [this] {
      ADD_FAILURE() << "no end within 10 s";
      loop.stop();
    });
    limit.arm(Millis(10'000));
    loop.run();
  }

  BlockingPool pool{1};
  Loop loop;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HttpOrigin> origin;
  std::uint16_t port = 0;
  int requests = 0;
  HttpConnection* waiting = nullptr;
};

TEST_F(Exchange, WholeAnswerOnAKeptConnection) {
  Answer first(loop);
  Answer second(loop);
  send(first, "/", "one");
  first.on_end = [&] {
    EXPECT_EQ(origin->idle(), 1u);
    second.on_end = [&] { loop.stop(); };
    send(second, "/", "two");
  };
  loop.run();
  EXPECT_EQ(first.body, "one");
  EXPECT_EQ(second.body, "two");
  EXPECT_EQ(origin->connections(), 1u);
}

TEST_F(Exchange, StreamedAnswer) {
  Answer answer(loop);
  send(answer, "/chunks");
  run(answer);
  EXPECT_EQ(answer.body, "data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\ndata: last\n\n");
}

TEST_F(Exchange, LargeBodiesBothWays) {
  const std::string big(3'000'000, 'x');
  Answer answer(loop);
  send(answer, "/", big);
  run(answer);
  EXPECT_EQ(answer.body, big);
}

TEST_F(Exchange, TooLargeABodyIsRefused) {
  HttpServerOptions options;
  options.limits.body = 100;
  listen(options);
  Answer answer(loop);
  send(answer, "/", std::string(101, 'x'));
  run(answer);
  EXPECT_EQ(answer.status, 413u);
}

TEST_F(Exchange, FailureSaysWhetherTheRequestMayHaveRun) {
  Answer aborted(loop);
  send(aborted, "/abort");
  run(aborted);
  ASSERT_TRUE(aborted.failure);
  EXPECT_EQ(aborted.failure->cause, HttpFailure::Cause::closed);
  EXPECT_TRUE(aborted.failure->sent);

  OriginOptions nobody;
  nobody.host = "127.0.0.1";
  nobody.port = 1;
  origin = std::make_unique<HttpOrigin>(loop, pool, nobody);
  Answer refused(loop);
  send(refused, "/");
  EXPECT_FALSE(refused.ended);  // never from inside send()
  run(refused);
  ASSERT_TRUE(refused.failure);
  EXPECT_EQ(refused.failure->cause, HttpFailure::Cause::connect);
  EXPECT_FALSE(refused.failure->sent);
}

TEST_F(Exchange, ResponseTimeout) {
  Answer answer(loop);
  send(answer, "/later", {}, {Millis(30), Millis(0)});
  run(answer);
  ASSERT_TRUE(answer.failure);
  EXPECT_EQ(answer.failure->cause, HttpFailure::Cause::response_timeout);
}

TEST_F(Exchange, CancellingTellsTheServer) {
  Answer answer(loop);
  send(answer, "/later");
  Timer cancel(loop, [&] { answer.cancel(); });
  cancel.arm(Millis(30));
  loop.run();  // until on_client_gone()
  EXPECT_EQ(waiting, nullptr);
  EXPECT_FALSE(answer.ended);
}

TEST_F(Exchange, MoreThanMayWaitIsRefused) {
  OriginOptions narrow;
  narrow.host = "127.0.0.1";
  narrow.port = port;
  narrow.pool.max_connections = 1;
  narrow.pool.max_waiting = 1;
  origin = std::make_unique<HttpOrigin>(loop, pool, narrow);
  Answer first(loop);
  Answer second(loop);
  Answer third(loop);
  send(first, "/", "1");
  send(second, "/", "2");
  send(third, "/", "3");
  run(second);
  EXPECT_EQ(first.body, "1");
  EXPECT_EQ(second.body, "2");
  ASSERT_TRUE(third.failure);
  EXPECT_EQ(third.failure->cause, HttpFailure::Cause::overload);
}

TEST_F(Exchange, DrainClosesIdleConnectionsAndTheListener) {
  Answer answer(loop);
  send(answer, "/", "x");
  run(answer);
  EXPECT_EQ(server->connections(), 1u);
  server->drain();
  EXPECT_EQ(server->connections(), 0u);
}

TEST(Listeners, APortInUseIsAnError) {
  const int fd = open_listeners(*Address::numeric("127.0.0.1", 0), 1).front();
  const Address taken = local_address(fd);
  Loop loop;
  Listener listener(loop, fd, [](int, const Address&) {});
  EXPECT_THROW(open_listeners(taken, 2), std::runtime_error);
}

TEST(Addresses, TextAndKind) {
  EXPECT_EQ(Address::numeric("::1", 80)->text(), "[::1]:80");
  EXPECT_TRUE(Address::numeric("127.9.9.9", 1)->loopback());
  EXPECT_TRUE(Address::numeric("::ffff:127.0.0.1", 1)->loopback());
  EXPECT_EQ(Address::numeric("::ffff:127.0.0.1", 1)->ip(), "127.0.0.1");
  EXPECT_FALSE(Address::numeric("10.0.0.1", 1)->loopback());
  EXPECT_FALSE(Address::numeric("localhost", 1));
  EXPECT_FALSE(Address::numeric("127.0.0.1x", 1));
}

}  // namespace
}  // namespace mcpr::net
