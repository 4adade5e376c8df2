// Real plugins in real probes.
#include "host/plugin/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "host/plugin/candidate.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

class ProbeTest : public testing::Test {
 protected:
  ProbeResult probe(const fs::path& file, std::vector<ProbeSource> sources = {}, net::Millis limit = 60s) {
    const Candidate candidate = examine(file, folder_.options());
    EXPECT_TRUE(candidate.copy) << candidate.info.reason;
    return probe_now({MCPR_PROGRAM, limit}, candidate.copy.path(), [&](const PluginInfo& manifest) {
      manifest_ = manifest;
      return sources;
    });
  }
  Folder folder_;
  PluginInfo manifest_;
};

TEST_F(ProbeTest, AGoodSource) {
  const ProbeResult result = probe(folder_.install_version("one"), {{"a", R"({"port": 80})"}, {"b", "{}"}});
  EXPECT_EQ(result.reason, "");
  EXPECT_FALSE(result.stays);
  EXPECT_EQ(manifest_.id, "versioned");
  EXPECT_EQ(manifest_.version, "1.0");
  EXPECT_EQ(manifest_.config_prefixes, std::vector<std::string>{"mcp.router.versioned"});
}

TEST_F(ProbeTest, AGoodBalancer) {
  EXPECT_EQ(probe(folder_.install_version("first")).reason, "");
  EXPECT_EQ(probe(folder_.install_file(MCPR_ROUND_ROBIN)).reason, "");
}

TEST_F(ProbeTest, ASourceIsNotStarted) {
  EXPECT_EQ(probe(folder_.install_version("start_fails"), {{"a", "{}"}}).reason, "");
}

TEST_F(ProbeTest, ACrashingConstructor) {
  const std::string reason = probe(folder_.install("crash_loading")).reason;
  EXPECT_THAT(reason, HasSubstr(" while it was being loaded"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which turn a fault into an exit
  EXPECT_THAT(reason, StartsWith("its probe was ended by signal 11 (Segmentation fault)"));
#endif
}

TEST_F(ProbeTest, AConstructorWithoutEnd) {
  const std::string reason = probe(folder_.install("hang_loading"), {}, 300ms).reason;
  EXPECT_EQ(reason,
            "its probe did not end within 300 ms (plugins.probe-timeout); it was killed while it was being loaded");
}

TEST_F(ProbeTest, ACrashWhenItIsCreated) {
  const fs::path file = folder_.install("crash_creating");
  EXPECT_THAT(probe(file, {{"mine", "{}"}}).reason, HasSubstr("while it was being created for the source \"mine\""));
}

TEST_F(ProbeTest, OneThatEndsTheProcess) {
  EXPECT_EQ(probe(folder_.install("exit_creating"), {{"mine", "{}"}}).reason,
            "its probe ended by itself with exit code 7 while it was being created for the source \"mine\"");
}

TEST_F(ProbeTest, RefusalsAreTheReason) {
  EXPECT_EQ(probe(folder_.install("create_fails"), {{"mine", "{}"}}).reason,
            "source \"mine\" cannot be made: registry.url is missing");
  EXPECT_EQ(probe(folder_.install("create_throws")).reason, "create threw an exception: no dice");
  EXPECT_EQ(probe(folder_.install("picks_none")).reason, "its balancer picks none of two instances");
  EXPECT_THAT(probe(folder_.install("bad_id")).reason, HasSubstr("the id 'Bad Id'"));
  EXPECT_EQ(probe(folder_.install_version("balancer_fails")).reason, "no dice");
}

TEST_F(ProbeTest, OneThatSaysItCanBeUnmappedAndCannot) {
  const ProbeResult result = probe(folder_.install_version("pinned"), {{"a", "{}"}});
  EXPECT_EQ(result.reason, "");
  EXPECT_TRUE(result.stays);
  EXPECT_THAT(result.note, HasSubstr("keeps it mapped"));
  EXPECT_FALSE(probe(folder_.install_version("stays_one"), {{"a", "{}"}}).stays) << "it does not say that it can";
}

TEST_F(ProbeTest, AProgramThatIsNotThere) {
  const Candidate candidate = examine(folder_.install_version("one"), folder_.options());
  const auto nothing = [](const PluginInfo&) { return std::vector<ProbeSource>(); };
  EXPECT_THAT(probe_now({"/nonexistent", 1s}, candidate.copy.path(), nothing).reason,
              StartsWith("its probe cannot be started: /nonexistent: No such file"));
  EXPECT_THAT(probe_now({"/bin/false", 60s}, candidate.copy.path(), nothing).reason, HasSubstr("exit code 1"));
}

TEST_F(ProbeTest, DestroyingItKillsTheProcess) {
  const Candidate candidate = examine(folder_.install("hang_loading"), folder_.options());
  net::Loop loop;
  bool called = false;
  {
    const Probe probe(
        loop, {MCPR_PROGRAM, 60s}, candidate.copy.path(), [](const PluginInfo&) { return std::vector<ProbeSource>(); },
        [&](const ProbeResult&) { called = true; });
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
  loop.stop();
  loop.run();
  EXPECT_FALSE(called);
}

TEST_F(ProbeTest, AConfigurationOfAMegabyteComesThrough) {
  const std::string config = R"({"port": 80, "text": ")" + std::string(1u << 20, 'x') + "\"}";
  EXPECT_EQ(probe(folder_.install_version("one"), {{"a", config}}).reason, "");
}

}  // namespace
}  // namespace mcpr::plugin::test
