#include "host/util/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <tuple>
#include <vector>

namespace mcpr::log {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::vector<std::string> captured(const std::function<void()>& work) {
  std::vector<std::string> out;
  const Capture capture([&](Level level, std::string_view component, std::string_view text) {
    out.push_back(std::string(level_name(level)) + " " + std::string(component) + " " + std::string(text));
  });
  work();
  return out;
}

TEST(Log, FormatsWhatItIsGiven) {
  const auto lines = captured([] {
    info("test", "plain {x}");
    warn("test", "{} {} {} {} {}", std::string("s"), 'c', true, -1, 2u);
    error("test", "{}|{}|{}", 0.5, std::chrono::milliseconds(15), std::chrono::seconds(2));
    debug("test", "{} {}", std::make_error_code(std::errc::address_in_use), std::filesystem::path("/x"));
    trace("test", "{}", Level::error);
  });
  EXPECT_THAT(lines, ElementsAre("info test plain {x}", "warn test s c true -1 2", "error test 0.5|15ms|2s",
                                 "debug test Address already in use /x", "trace test 4"));
}

TEST(Log, OneMessageIsOneLine) {
  EXPECT_EQ(text_line("T", Level::warn, "c", "a\nb\x1b[31m\tä\xff\xc2\x85"),
            "T WARN  c: a\\nb\\x1b[31m\\tä\\xff\\xc2\\x85");
  EXPECT_EQ(json_line("T", Level::info, "c", "\"a\\\n\x01\xff\xc3\xa4\xed\xa0\x80"),
            "{\"time\":\"T\",\"level\":\"info\",\"component\":\"c\",\"message\":"
            "\"\\\"a\\\\\\n\\u0001\\ufffd\xc3\xa4\\ufffd\\ufffd\\ufffd\"}");
}

TEST(Log, LongMessagesAreCutBetweenCharacters) {
  const std::string line = text_line("T", Level::info, "c", "x" + std::string(20'000, '\xc3') + "y");
  EXPECT_THAT(line, EndsWith(" more bytes)"));
  std::string text(16 * 1024 - 1, 'x');
  text += "\xc3\xa4";
  EXPECT_THAT(text_line("T", Level::info, "c", text), EndsWith("x... (2 more bytes)"));
}

TEST(Log, Levels) {
  for (const Level level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error, Level::off}) {
    EXPECT_EQ(parse_level(level_name(level)), level);
  }
  EXPECT_EQ(parse_level("loud"), std::nullopt);
}

class LogFile : public testing::Test {
 protected:
  LogFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcpr-log-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    options.file = (folder / "a.log").string();
  }
  ~LogFile() override {
    shut_down();
    std::filesystem::remove_all(folder);
  }
  std::string content() const {
    std::ostringstream out;
    out << std::ifstream(options.file).rdbuf();
    return out.str();
  }

  std::filesystem::path folder;
  Options options;
};

TEST_F(LogFile, WritesWhatTheLevelsLetThrough) {
  options.levels = {{"root", Level::warn}, {"plugin", Level::debug}, {"plugin.noisy", Level::off}};
  set_up(options);
  EXPECT_TRUE(enabled(Level::debug, "plugin.file"));
  EXPECT_FALSE(enabled(Level::debug, "plugins"));
  EXPECT_FALSE(enabled(Level::error, "plugin.noisy"));
  info("net", "not this");
  warn("net", "this {}", 1);
  debug("plugin.file", "this {}", 2);
  trace("plugin.file", "not this");
  error("plugin.noisy.part", "not this");
  shut_down();
  const std::string text = content();
  EXPECT_THAT(text, HasSubstr("Z WARN  net: this 1\n"));
  EXPECT_THAT(text, HasSubstr("Z DEBUG plugin.file: this 2\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("not this")));
}

TEST_F(LogFile, Json) {
  options.json = true;
  set_up(options);
  error("net", "\"quoted\"");
  shut_down();
  EXPECT_THAT(content(), testing::MatchesRegex("\\{\"time\":\"....-..-..T..:..:..\\....Z\",\"level\":\"error\","
                                               "\"component\":\"net\",\"message\":\"..quoted..\"\\}\n"));
}

TEST_F(LogFile, EveryThreadsLinesArrive) {
  set_up(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) info("test", "thread {} line {}", t, i);
    });
  }
  for (int i = 0; i < 5; ++i) set_up(options);
  for (std::thread& thread : threads) thread.join();
  shut_down();
  const std::string text = content();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 800);
}

TEST_F(LogFile, SetUpAgainOpensTheFileAnew) {
  set_up(options);
  info("test", "first");
  std::filesystem::rename(options.file, folder / "moved.log");
  set_up(options);
  info("test", "second");
  shut_down();
  EXPECT_THAT(content(), HasSubstr("second"));
}

TEST_F(LogFile, IsSetAsideAtItsSize) {
  options.file_max_size = 2000;
  options.file_max_history = 2;
  set_up(options);
  for (int i = 0; i < 500; ++i) info("test", "line {}", i);
  shut_down();
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, 3u);
  EXPECT_LT(std::filesystem::file_size(options.file), 2500u);
}

TEST_F(LogFile, AFileThatCannotBeOpenedChangesNothing) {
  set_up(options);
  Options bad = options;
  bad.file = (folder / "missing" / "b.log").string();
  EXPECT_THROW(set_up(bad), std::runtime_error);
  info("test", "still here");
  shut_down();
  EXPECT_THAT(content(), HasSubstr("still here"));
}

}  // namespace
}  // namespace mcpr::log
