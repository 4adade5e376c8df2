#include "host/net/http_parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mcpr::net {
namespace {

struct Collect final : HttpSink {
  void on_head() override { ++heads; }
  void on_body(std::string_view piece) override { body.append(piece); }
  int heads = 0;
  std::string body;
};

constexpr std::string_view kPost =
    "POST /mcp/a?x=1 HTTP/1.1\r\nHost: localhost:8052\r\ncontent-TYPE: application/json\r\nMcp-Session-Id: abc\r\n"
    "X-Other: 1\r\nContent-Length: 5\r\n\r\nhello";

TEST(HttpRequestParser, ReadsARequest) {
  const HttpLimits limits;
  HttpRequestParser parser(limits);
  Collect sink;
  EXPECT_EQ(parser.feed(kPost, sink), kPost.size());
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.head().verb, Verb::post);
  EXPECT_EQ(parser.head().target, "/mcp/a?x=1");
  EXPECT_EQ(parser.head().headers.get(Field::content_type), "application/json");
  EXPECT_EQ(parser.head().headers.get(Field::mcp_session_id), "abc");
  EXPECT_EQ(parser.head().headers.find("x-other"), "1");
  EXPECT_TRUE(parser.head().keep_alive);
  EXPECT_EQ(sink.body, "hello");
}

// What is not consumed is given again with more behind it, as a connection does.
TEST(HttpRequestParser, ReadsInAnyPieces) {
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: "
      "t\r\n\r\n";
  for (const std::string& text : {std::string(kPost), chunked}) {
    for (std::size_t size = 1; size < 40; ++size) {
      const HttpLimits limits;
      HttpRequestParser parser(limits);
      Collect sink;
      std::string carry;
      for (std::size_t at = 0; at < text.size(); at += size) {
        carry.append(text, at, size);
        carry.erase(0, parser.feed(carry, sink));
      }
      ASSERT_TRUE(parser.done()) << size;
      EXPECT_EQ(sink.heads, 1);
      EXPECT_EQ(sink.body, text == chunked ? "abcdefg" : "hello") << size;
    }
  }
}

TEST(HttpRequestParser, StopsBehindTheMessage) {
  const HttpLimits limits;
  HttpRequestParser parser(limits);
  Collect sink;
  const std::string two = std::string(kPost) + "GET / HTTP/1.1\r\n";
  EXPECT_EQ(parser.feed(two, sink), kPost.size());
  parser.reset();
  EXPECT_FALSE(parser.head_done());
}

TEST(HttpRequestParser, RefusesWhatIsWrong) {
  HttpLimits limits;
  limits.head = 200;
  limits.body = 10;
  limits.fields = 3;
  const struct {
    std::string text;
    HttpError error;
  } cases[] = {
      {"GARBAGE\r\n\r\n", HttpError::bad_request},
      {"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", HttpError::bad_request},  // an obsolete fold
      {"GET / HTTP/1.1\r\nBad Name: a\r\n\r\n", HttpError::bad_request},
      {"GET / HTTP/2.0\r\n\r\n", HttpError::version},
      {"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", HttpError::body_too_large},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", HttpError::bad_request},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HttpError::bad_request},
      {"GET / HTTP/1.1\r\nA: " + std::string(300, 'x') + "\r\n\r\n", HttpError::head_too_large},
      {"GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", HttpError::head_too_large},
  };
  for (const auto& at : cases) {
    HttpRequestParser parser(limits);
    Collect sink;
    parser.feed(at.text, sink);
    EXPECT_EQ(parser.error(), at.error) << at.text << " " << parser.error_text();
  }
}

TEST(HttpResponseParser, LengthChunksAndEnd) {
  for (const std::string text : {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nabc"}) {
    HttpResponseParser parser;
    parser.reset();
    Collect sink;
    std::string carry;
    for (const char c : text) {
      carry.push_back(c);
      carry.erase(0, parser.feed(carry, sink));
    }
    parser.finish(sink);
    EXPECT_TRUE(parser.done()) << text;
    EXPECT_EQ(parser.error(), HttpError::none) << text;
    EXPECT_EQ(sink.body, "abc");
  }
}

TEST(HttpResponseParser, AnEndInTheMiddleIsAnError) {
  HttpResponseParser parser;
  parser.reset();
  Collect sink;
  parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", sink);
  parser.finish(sink);
  EXPECT_EQ(parser.error(), HttpError::unexpected_eof);
}

TEST(Headers, KnowsItsFieldsInAnyCase) {
  EXPECT_EQ(classify("HOST"), Field::host);
  EXPECT_EQ(classify("mcp-protocol-VERSION"), Field::mcp_protocol_version);
  EXPECT_EQ(classify("Access-Control-Allow-Origin"), Field::access_control);
  EXPECT_EQ(classify("Hosts"), Field::other);
  EXPECT_EQ(classify(""), Field::other);
  Headers headers;
  headers.add("Origin", "a");
  EXPECT_FALSE(headers.repeated(Field::origin));
  headers.add("origin", "b");
  EXPECT_TRUE(headers.repeated(Field::origin));
  EXPECT_EQ(headers.get(Field::origin), "a");
  EXPECT_FALSE(headers.has(Field::host));
}

TEST(RequestHead, MovesWithItsBytes) {
  const HttpLimits limits;
  HttpRequestParser parser(limits);
  Collect sink;
  std::string text(kPost);
  parser.feed(text, sink);
  const std::string copy = text;
  parser.head().rebase(text.data(), copy.data());
  text.assign(text.size(), '#');
  EXPECT_EQ(parser.head().target, "/mcp/a?x=1");
  EXPECT_EQ(parser.head().headers.get(Field::host), "localhost:8052");
}

}  // namespace
}  // namespace mcpr::net
