#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "host/mcp/sse_reader.hpp"
#include "host/mcp/sse_writer.hpp"

namespace mcpr::mcp {
namespace {

struct Seen {
  std::string type, data;
  std::string id = {};
  bool has_id = false;
  std::optional<unsigned> retry = {};
  bool operator==(const Seen&) const = default;
};

void PrintTo(const Seen& s, std::ostream* out) {
  *out << "{type=" << s.type << " data=" << s.data << " id=" << s.id << " has_id=" << s.has_id
       << " retry=" << (s.retry ? std::to_string(*s.retry) : "none") << "}";
}

struct Collect : SseSink {
  void on_event(const SseEvent& e) override {
    events.push_back({std::string(e.type), std::string(e.data), std::string(e.id), e.has_id, e.retry});
    from = e.data.data();
  }
  std::vector<Seen> events;
  const char* from = nullptr;
};

std::vector<Seen> read(std::string_view stream, std::size_t piece) {
  SseReader reader(1 << 16);
  Collect sink;
  for (std::size_t i = 0; i < stream.size(); i += piece) {
    const std::string copy(stream.substr(i, piece));  // goes away: nothing may point into it afterwards
    EXPECT_TRUE(reader.feed(copy, sink)) << reader.error();
  }
  return sink.events;
}

TEST(SseReader, ReadsStreamsInAnyPieces) {
  struct Case {
    std::string stream;
    std::vector<Seen> events;
  };
  const Case cases[] = {
      {"data:hello\n\n", {{"message", "hello"}}},
      {"data: hello\n\n", {{"message", "hello"}}},
      {"data:  hello\n\n", {{"message", " hello"}}},
      {"data:a\r\rdata:b\r\n\r\ndata:c\n\n", {{"message", "a"}, {"message", "b"}, {"message", "c"}}},
      {"data:a\ndata:b\r\ndata\rdata:\n\n", {{"message", "a\nb\n\n"}}},
      {"event:endpoint\ndata:/m?s=1\n\n", {{"endpoint", "/m?s=1"}}},
      {"data:x\nevent: e\nid: 7\n\ndata:y\n\n", {{"e", "x", "7", true}, {"message", "y"}}},
      {"event:one\nevent:two\ndata:x\n\n", {{"two", "x"}}},
      {"event:e\nevent:\ndata:x\n\n", {{"message", "x"}}},
      {"id:1\ndata:\n\n", {{"message", "", "1", true}}},
      {"id:1\n\n", {{"message", "", "1", true}}},
      {"id\ndata:x\n\n", {{"message", "x", "", true}}},
      {std::string("id:a\0b\ndata:x\n\n", 15), {{"message", "x"}}},
      {std::string("id:a\nid:a\0b\ndata:x\n\n", 20), {{"message", "x", "a", true}}},
      {"retry:1500\n\n", {{"message", "", "", false, 1500u}}},
      {"retry: 10\ndata:x\n\n", {{"message", "x", "", false, 10u}}},
      {"retry:-1\ndata:x\n\n", {{"message", "x"}}},
      {"retry:1s\nretry:\nretry:+1\nretry:99999999999\ndata:x\n\n", {{"message", "x"}}},
      {"data\n\n", {{"message", ""}}},
      {"data:\n\n", {{"message", ""}}},
      {"event:only\n\n", {}},
      {"\n\n\r\r\n", {}},
      {": ping\n\n:\n: x\rdata:a\n:between\ndata:b\n\n", {{"message", "a\nb"}}},
      {"\xef\xbb\xbf"
       "data:x\n\n",
       {{"message", "x"}}},
      {"\xef\xbb\xbf:c\ndata:x\n\n", {{"message", "x"}}},
      {"\n\xef\xbb\xbf"
       "data:x\n\n",
       {}},
      {"\xef\xbb"
       "data:x\n\n",
       {}},
      {"unknown:1\nDATA:2\ndata :3\n data:4\n\n", {}},
      {"data:a:b\n\n", {{"message", "a:b"}}},
      {"data:whole\n\ndata:cut", {{"message", "whole"}}},
      {"data:whole\n\ndata:cut\n", {{"message", "whole"}}},
      {"data:{\"a\":\"\xff\"}\n\n", {{"message", "{\"a\":\"\xff\"}"}}},
  };
  for (const Case& c : cases) {
    for (std::size_t piece = 1; piece <= c.stream.size(); ++piece) {
      EXPECT_EQ(read(c.stream, piece), c.events) << "pieces of " << piece << ": " << c.stream;
    }
  }
}

TEST(SseReader, DoesNotCopyAWholeEvent) {
  const std::string stream = "event:message\ndata:{\"jsonrpc\":\"2.0\"}\n\n";
  SseReader reader(1000);
  Collect sink;
  ASSERT_TRUE(reader.feed(stream, sink));
  ASSERT_EQ(sink.events.size(), 1u);
  EXPECT_EQ(sink.from, stream.data() + 19);
}

TEST(SseReader, RefusesEventsOverTheLimit) {
  const std::string full(95, 'x');  // with "data:" a line of exactly 100
  struct Case {
    std::string stream;
    std::size_t events;
    bool fine;
  };
  const Case cases[] = {
      {"data:" + full + "\n\n", 1, true},
      {"data:" + full + "\n\ndata:" + full + "\n\n", 2, true},
      {"data:ok\n\ndata:" + full + "y\n\n", 1, false},
      {"data:ok\n\ndata:" + full + "y", 1, false},
      {"data:" + full + "\ndata:1234\n\n", 1, true},  // 95 + LF + 4
      {"data:" + full + "\ndata:12345\n\n", 0, false},
      {"id:123456\ndata:" + full + "\n\n", 0, false},
      {"data:" + full + "\nevent:123456\n\n", 0, false},
      {":" + full + full + "\ndata:x\n\n", 1, true},
      {"\xef\xbb\xbf:" + full + full + "\ndata:x\n\n", 1, true},
      {"unknown:" + full + "\n", 0, false},
  };
  for (const Case& c : cases) {
    for (std::size_t piece = 1; piece <= c.stream.size(); ++piece) {
      SseReader reader(100);
      Collect sink;
      bool fine = true;
      for (std::size_t i = 0; fine && i < c.stream.size(); i += piece)
        fine = reader.feed(c.stream.substr(i, piece), sink);
      EXPECT_EQ(fine, c.fine) << piece << ": " << c.stream;
      EXPECT_EQ(sink.events.size(), c.events) << piece << ": " << c.stream;
      EXPECT_EQ(reader.error(), c.fine ? "" : "an event is larger than the limit of 100 bytes");
      EXPECT_EQ(reader.feed("\n\n", sink), c.fine) << "a stream once given up stays so";
    }
  }
}

TEST(SseReader, SurvivesBeingMovedInTheMiddleOfAnEvent) {
  Collect sink;
  SseReader first(1000);
  ASSERT_TRUE(first.feed("event:e\ndata:a\nid:1\nda", sink));
  SseReader second(std::move(first));
  ASSERT_TRUE(second.feed("ta:b\n\n", sink));
  EXPECT_EQ(sink.events, (std::vector<Seen>{{"e", "a\nb", "1", true}}));
}

TEST(SseWriter, WritesExactBytes) {
  struct Case {
    std::string_view type, data, id, bytes;
  };
  const Case cases[] = {
      {"endpoint", "/m?s=1", "", "event:endpoint\ndata:/m?s=1\n\n"},
      {"message", "{\"a\":1}", "", "event:message\ndata:{\"a\":1}\n\n"},
      {"", "x", "", "data:x\n\n"},
      {"message", "x", "s-7", "id:s-7\nevent:message\ndata:x\n\n"},
      {"", "", "p", "id:p\ndata:\n\n"},
      {"", " x\n  y", "", "data:  x\ndata:   y\n\n"},
      {"", "a\nb\r\nc\rd\n", "", "data:a\ndata:b\ndata:c\ndata:d\ndata:\n\n"},
  };
  for (const Case& c : cases) {
    std::string out = "before|";
    append_event(out, c.type, c.data, c.id);
    EXPECT_EQ(out, "before|" + std::string(c.bytes));
  }
}

TEST(SseWriter, IsReadBack) {
  std::string stream;
  append_event(stream, "message", "line 1\nline 2\n", "42");
  append_event(stream, "", "");
  EXPECT_EQ(read(stream, stream.size()),
            (std::vector<Seen>{{"message", "line 1\nline 2\n", "42", true}, {"message", ""}}));
}

}  // namespace
}  // namespace mcpr::mcp
