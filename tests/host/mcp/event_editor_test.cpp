#include "host/mcp/event_editor.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/mcp/hide_tools.hpp"

namespace mcpr::mcp {
namespace {

struct Read {
  std::string out, error;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view stream, std::size_t piece, std::size_t limit = 1 << 20) {
  HideTools stage(std::make_shared<const ToolNames>(std::vector<std::string>{"b"}));
  EventEditor editor(stage, limit);
  Read got;
  for (std::size_t i = 0; i < stream.size(); i += piece) {
    const std::string copy(stream.substr(i, piece));  // goes away: nothing may point into it afterwards
    if (!editor.feed(copy, got.out)) break;
  }
  got.error = editor.error();
  return got;
}

constexpr std::string_view kBefore = R"({"id":1,"result":{"tools":[{"name":"a"},{"name":"b"}]}})";
constexpr std::string_view kAfter = R"({"id":1,"result":{"tools":[{"name":"a"}]}})";

std::string with(std::string_view pattern, std::string_view json) {
  std::string out(pattern);
  for (std::size_t at = out.find('@'); at != std::string::npos; at = out.find('@', at + json.size())) {
    out.replace(at, 1, json);
  }
  return out;
}

TEST(EventEditor, ChangesDataAndNothingElseInAnyPieces) {
  for (const char* pattern :
       {"data:@\n\n", "data: @\n\n", "data:  @ \n\n", "id:7\nevent:message\ndata: @\n\n", "data: @\r\n\r\n",
        "data: @\r\r",
        "\xef\xbb\xbf"
        "data: @\n\n",
        ": a comment\n\ndata:@\n\n:another\n\n", "retry: 10\ndata:@\nid: 9\n\n\n\n",
        "data: @\n\ndata: @\r\n\r\nevent: other\ndata:@\r\r", "event:other\ndata: nonsense\n\ndata:@\n\n",
        "id: 5\ndata:\n\ndata:@\n\n", "data\n\ndata:@\n\n", "event: ping\ndata: x\r\n\r\n:\r\n\r\ndata:@\n\n"}) {
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) {
      const Read got = read(with(pattern, kBefore), piece);
      EXPECT_EQ(got.out, with(pattern, kAfter)) << "in pieces of " << piece;
      EXPECT_EQ(got.error, "");
    }
  }
}

TEST(EventEditor, SeveralDataLines) {
  const std::string before =
      "event:message\ndata: {\"result\":{\"tools\":[\ndata: {\"name\":\"a\"},\nid: 3\ndata: {\"name\":\"b\"}\ndata: "
      "]}}\n\n";
  for (const std::size_t piece : {1u, 5u, 1000u}) {
    EXPECT_EQ(read(before, piece).out,
              "event:message\ndata: {\"result\":{\"tools\":[\ndata: {\"name\":\"a\"}\ndata: ]}}\n:\nid: 3\n:\n:\n\n");
  }
  const std::string untouched = "data:{\"result\":\ndata:{\"tools\":[]}}\n\n";
  EXPECT_EQ(read(untouched, 1000).out, untouched);
  EXPECT_EQ(read("data\ndata:" + std::string(kBefore) + "\n\n", 1000).out,
            "data:\ndata: " + std::string(kAfter) + "\n:\n\n");
  // The last data line may stand between a CR and an LF, which must not become one line end.
  EXPECT_EQ(read("data:{\"result\":{\"tools\":[{\"name\":\"b\"}\nx\rdata:]}}\n\n", 1000).out,
            "data:{\"result\":{\"tools\":[\ndata: ]}}\nx\r:\n\n");
}

TEST(EventEditor, AnEventThatDoesNotEndIsNotPassedOn) {
  HideTools stage(std::make_shared<const ToolNames>(std::vector<std::string>{"b"}));
  EventEditor editor(stage, 1000);
  std::string out;
  EXPECT_TRUE(editor.feed(":x\n\ndata: {\"a\"", out));
  EXPECT_EQ(out, ":x\n\n");
  EXPECT_EQ(editor.rest(), "data: {\"a\"");
}

TEST(EventEditor, GivesUpAtWhatItCannotRead) {
  for (const std::size_t piece : {1u, 1000u}) {
    const Read got = read("data: {\"id\":1}\n\ndata: {\"id\n\ndata: {}\n\n", piece);
    EXPECT_EQ(got.out, "data: {\"id\":1}\n\n");
    EXPECT_NE(got.error, "");
    const Read large = read("data: {}\n\ndata: " + std::string(100, ' ') + "{}\n\n", piece, 60);
    EXPECT_EQ(large.out, "data: {}\n\n");
    EXPECT_EQ(large.error, "an event is larger than the limit of 60 bytes");
  }
}

struct Drop final : EditStage {
  Verdict edit(std::string_view json, std::string&) override { return json == "2" ? Verdict::drop : Verdict::pass; }
};

TEST(EventEditor, DropsWhole) {
  Drop stage;
  EventEditor editor(stage, 1000);
  std::string out;
  EXPECT_TRUE(editor.feed("data:1\n\nid:4\ndata:2\n\ndata:3\n\n", out));
  EXPECT_EQ(out, "data:1\n\ndata:3\n\n");
}

}  // namespace
}  // namespace mcpr::mcp
