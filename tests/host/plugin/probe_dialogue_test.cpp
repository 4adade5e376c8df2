// What is made of what a probe says, and of how it ends.
#include "host/plugin/probe_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

namespace mcpr::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr int exited(int code) { return code << 8; }
constexpr int signalled(int signal) { return signal; }

PluginInfo manifest() {
  PluginInfo out;
  out.id = "x";
  out.version = "1.0";
  out.kinds = {"discovery"};
  out.aliases = {"y", "z"};
  out.config_prefixes = {"a.b"};
  out.config_schema = R"({"type": "object"})";
  return out;
}

TEST(ProbeDialogue, TheManifestComesThroughInPieces) {
  ProbeDialogue dialogue;
  const std::string report = probe_says_step("loaded") + probe_says_manifest(manifest());
  for (const char c : report) {
    EXPECT_FALSE(dialogue.has_manifest());
    dialogue.take(std::string_view(&c, 1));
  }
  ASSERT_TRUE(dialogue.has_manifest());
  EXPECT_EQ(dialogue.manifest().id, "x");
  EXPECT_EQ(dialogue.manifest().version, "1.0");
  EXPECT_THAT(dialogue.manifest().kinds, ElementsAre("discovery"));
  EXPECT_THAT(dialogue.manifest().aliases, ElementsAre("y", "z"));
  EXPECT_THAT(dialogue.manifest().config_prefixes, ElementsAre("a.b"));
  EXPECT_EQ(dialogue.manifest().config_schema, R"({"type": "object"})");
}

TEST(ProbeDialogue, WhatItIsToldComesThrough) {
  const ProbeSource given[] = {{"one", R"({"a": "line\nend"})"}, {"two", "{}"}};
  const std::string line = ProbeDialogue::answer(given);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  std::vector<ProbeSource> read;
  ASSERT_TRUE(read_probe_sources(line, read));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].name, "one");
  EXPECT_EQ(read[0].config, given[0].config);
  EXPECT_FALSE(read_probe_sources("", read));
  EXPECT_FALSE(read_probe_sources("[1]", read));
}

TEST(ProbeDialogue, AGoodEnd) {
  ProbeDialogue dialogue;
  dialogue.take(probe_says_step("loaded") + probe_says_good(false, ""));
  const ProbeResult result = dialogue.ended(exited(0));
  EXPECT_EQ(result.reason, "");
  EXPECT_FALSE(result.stays);
}

TEST(ProbeDialogue, OneThatCannotBeUnmapped) {
  ProbeDialogue dialogue;
  dialogue.take(probe_says_good(true, "a thread holds it"));
  const ProbeResult result = dialogue.ended(exited(0));
  EXPECT_EQ(result.reason, "");
  EXPECT_TRUE(result.stays);
  EXPECT_EQ(result.note, "a thread holds it");
}

TEST(ProbeDialogue, ARefusalIsTheReason) {
  ProbeDialogue dialogue;
  dialogue.take(probe_says_refused("url is not set"));
  EXPECT_EQ(dialogue.ended(exited(0)).reason, "url is not set");
}

TEST(ProbeDialogue, ACrashSaysWhereAndTheLastWords) {
  ProbeDialogue dialogue;
  dialogue.take(probe_says_step("loaded") + probe_says_step("created for the source \"x\""));
  dialogue.take_output("first line\nassertion failed: n > 0\n");
  EXPECT_EQ(dialogue.ended(signalled(SIGSEGV)).reason,
            "its probe was ended by signal 11 (Segmentation fault) while it was being created for the source \"x\"; "
            "its last words: assertion failed: n > 0");
}

TEST(ProbeDialogue, AGoodVerdictBeforeACrashCountsForNothing) {
  ProbeDialogue dialogue;
  dialogue.take(probe_says_step("unmapped") + probe_says_good(false, ""));
  EXPECT_THAT(dialogue.ended(signalled(SIGABRT)).reason, HasSubstr("signal 6"));
}

TEST(ProbeDialogue, AnEndWithoutVerdict) {
  EXPECT_EQ(ProbeDialogue().ended(exited(127)).reason,
            "its probe ended by itself with exit code 127 before it was loaded");
  EXPECT_EQ(ProbeDialogue().ended(exited(0)).reason, "its probe ended by itself with exit code 0 before it was loaded");
}

TEST(ProbeDialogue, OneThatHangs) {
  ProbeDialogue dialogue;
  dialogue.take(probe_says_step("loaded"));
  EXPECT_EQ(dialogue.overdue(5s).reason,
            "its probe did not end within 5000 ms (plugins.probe-timeout); it was killed while it was being loaded");
}

TEST(ProbeDialogue, RubbishIsNoVerdict) {
  ProbeDialogue dialogue;
  dialogue.take("{\"good\": tru\n[]\n\n\"good\"\n");
  EXPECT_NE(dialogue.ended(exited(0)).reason, "");
  dialogue.take(std::string(5u << 20, 'x'));  // a line without end
  dialogue.take("\n" + probe_says_good(false, ""));
  EXPECT_EQ(dialogue.ended(exited(0)).reason, "");
}

}  // namespace
}  // namespace mcpr::plugin
