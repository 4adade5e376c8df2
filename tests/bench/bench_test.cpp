// What the benchmark's client accepts: an answer that is not the right one must not count as a call.
#include <gtest/gtest.h>

#include "tests/bench/client.hpp"

namespace mcpr::bench {
namespace {

std::string response(std::string_view body, std::string_view fields = "") {
  std::string out = "HTTP/1.1 200 OK\r\n";
  return out.append(fields)
      .append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

TEST(ResponseReader, ReadsALengthInAnyPieces) {
  const std::string bytes = response("hello", "MCP-Session-ID: abc\r\n");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ResponseReader reader;
    ASSERT_EQ(reader.feed(std::string_view(bytes).substr(0, cut)), cut);
    ASSERT_EQ(reader.done(), cut == bytes.size());
    reader.feed(std::string_view(bytes).substr(cut));
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(reader.body(), "hello");
    EXPECT_EQ(reader.session_id(), "abc");
    EXPECT_EQ(reader.status(), 200u);
  }
}

TEST(ResponseReader, ReadsChunksInAnyPieces) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, chunked!\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ResponseReader reader;
    reader.feed(std::string_view(bytes).substr(0, cut));
    reader.feed(std::string_view(bytes).substr(cut));
    ASSERT_TRUE(reader.done()) << cut;
    EXPECT_EQ(reader.body(), "hello, chunked!");
  }
}

TEST(ResponseReader, StopsBehindTheResponse) {
  ResponseReader reader;
  const std::string one = response("x");
  EXPECT_EQ(reader.feed(one + one), one.size());
}

TEST(ResponseReader, RefusesWhatHasNoLengthOrIsNotHttp) {
  ResponseReader reader;
  reader.feed("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(reader.failed());
  reader.reset();
  reader.feed("nonsense\r\n\r\n");
  EXPECT_TRUE(reader.failed());
}

TEST(CallTemplate, HasTheAskedBodySizeAndAFreshIdEachTime) {
  Workload workload;
  CallTemplate call(workload, "s");
  const std::string first(call.with_id(kFirstId)), second(call.with_id(kFirstId + 1));
  EXPECT_EQ(first.size() - first.find("\r\n\r\n") - 4, workload.body_bytes);
  EXPECT_NE(first.find("Content-Length: 200\r\n"), std::string::npos);
  EXPECT_NE(first.find("\"id\":100000000000,"), std::string::npos);
  EXPECT_NE(second.find("\"id\":100000000001,"), std::string::npos);
  EXPECT_NE(second.find("\"call 100000000001 "), std::string::npos);
}

TEST(WrongWith, OnlyTheRightAnswerIsRight) {
  Workload workload;
  const std::string right =
      R"({"jsonrpc":"2.0","id":100000000007,"result":{"content":[{"type":"text","text":"call 100000000007 ."}]}})";
  EXPECT_EQ(wrong_with(workload, 100'000'000'007, 200, right), nullptr);
  EXPECT_NE(wrong_with(workload, 100'000'000'007, 500, right), nullptr);
  EXPECT_NE(wrong_with(workload, 100'000'000'008, 200, right), nullptr) << "the id of another call";
  EXPECT_NE(wrong_with(workload, 10'000'000'000, 200, right), nullptr) << "a part of the id";
  EXPECT_NE(
      wrong_with(workload, 100'000'000'007, 200, R"({"id":100000000007,"error":{"message":"call 100000000007"}})"),
      nullptr);
  EXPECT_NE(wrong_with(workload, 100'000'000'007, 200, R"({"id":100000000007,"result":{"text":"call 100000000006"}})"),
            nullptr);
  EXPECT_NE(wrong_with(workload, 100'000'000'007, 200,
                       R"({"id":100000000007,"result":{"isError":true,"text":"call 100000000007"}})"),
            nullptr);
}

TEST(WrongWith, BigAnswersAreWhole) {
  Workload workload;
  workload.mode = Mode::big;
  std::string body = R"({"id":100000000007,"result":{"text":")" + std::string(workload.answer_bytes, 'x') + "\"}}";
  EXPECT_EQ(wrong_with(workload, 100'000'000'007, 200, body), nullptr);
  EXPECT_NE(wrong_with(workload, 100'000'000'007, 200, R"({"id":100000000007,"result":{}})"), nullptr);
}

TEST(WrongWith, EventsAreCounted) {
  Workload workload;
  workload.mode = Mode::sse;
  workload.events = 3;
  const std::string event = "event: message\ndata: {\"method\":\"notifications/message\"}\n\n";
  const std::string last = "data:{\"id\":100000000007,\"result\":{}}\n\n";
  EXPECT_EQ(wrong_with(workload, 100'000'000'007, 200, event + ":comment\n\n" + event + last), nullptr);
  EXPECT_NE(wrong_with(workload, 100'000'000'007, 200, event + last), nullptr);
}

TEST(Client, OpensASessionThenCalls) {
  Workload workload;
  Client client(workload, kFirstId);
  client.start();
  EXPECT_NE(client.request().find("\"method\":\"initialize\""), std::string_view::npos);
  EXPECT_EQ(client.on_bytes(
                response(R"({"id":100000000000,"result":{"protocolVersion":"2025-11-25"}})", "Mcp-Session-Id: s1\r\n")),
            Client::Next::send);
  EXPECT_NE(client.request().find("Mcp-Session-Id: s1\r\n"), std::string_view::npos);
  EXPECT_EQ(client.on_bytes("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"), Client::Next::send);
  EXPECT_NE(client.request().find("\"id\":100000000001,\"method\":\"tools/call\""), std::string_view::npos);
  EXPECT_EQ(client.on_bytes(response(R"({"id":100000000001,"result":{"text":"call 100000000001"}})")),
            Client::Next::called);
  EXPECT_NE(client.request().find("\"id\":100000000002,"), std::string_view::npos);
  EXPECT_EQ(client.on_bytes(response(R"({"id":100000000001,"result":{"text":"call 100000000001"}})")),
            Client::Next::failed)
      << "the answer to an earlier call";
}

TEST(Client, ASessionlessInitializeFails) {
  Workload workload;
  Client client(workload, kFirstId);
  client.start();
  EXPECT_EQ(client.on_bytes(response(R"({"id":100000000000,"result":{"protocolVersion":"2025-11-25"}})")),
            Client::Next::failed);
}

TEST(Client, CountsTheCommentsOfAStreamThatStaysOpen) {
  Workload workload;
  workload.mode = Mode::streams;
  Client client(workload, kFirstId);
  client.start();
  client.on_bytes(
      response(R"({"id":100000000000,"result":{"protocolVersion":"2025-11-25"}})", "Mcp-Session-Id: s1\r\n"));
  client.on_bytes("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(client.request().starts_with("GET /mcp HTTP/1.1\r\n"));
  EXPECT_EQ(client.on_bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Client::Next::opened);
  EXPECT_EQ(client.on_bytes("7\r\n:beat\n\n\r\n"), Client::Next::read);
  EXPECT_EQ(client.on_bytes("7\r\n:beat\n\n\r\n"), Client::Next::read);
  EXPECT_EQ(client.stream_comments(), 2u);
}

}  // namespace
}  // namespace mcpr::bench
