// Versions of a file beside one another: which is in service, what becomes of those before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "host/plugin/host_table.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Verdict = Registry::Verdict;

class Versions : public testing::Test {
 protected:
  void SetUp() override {
    file_ = folder_.install_version("one");
    registry_.scan();
    ASSERT_TRUE(registry_.find("versioned"));
  }

  std::string adopt(const std::string& version) {
    folder_.install_version(version);
    Candidate candidate = examine(file_, registry_.options());
    EXPECT_EQ(registry_.judge(candidate, 16).verdict, Verdict::fresh);
    return registry_.adopt(std::move(candidate));
  }
  Verdict judge(std::size_t most_retired = 16) {
    const Candidate candidate = examine(file_, registry_.options());
    return registry_.judge(candidate, most_retired).verdict;
  }
  Registry::File shown() const { return registry_.files().at(0); }
  std::vector<std::string> cleared() {
    std::vector<std::string> out;
    for (const PluginInfo& info : registry_.clear_shelf()) {
      out.push_back(info.version + " " + std::string(to_string(info.state)));
    }
    return out;
  }
  std::size_t mapped() const {
    std::set<std::string> paths;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      if (const auto at = line.find((folder_.runtime() / "versioned.").string()); at != std::string::npos) {
        paths.insert(line.substr(at));
      }
    }
    return paths.size();
  }

  Folder folder_;
  Registry registry_{folder_.options()};
  fs::path file_;
};

TEST_F(Versions, TheSameBytesAreNothingNew) {
  EXPECT_EQ(judge(), Verdict::same);
  const fs::path copy = folder_.plugins() / ".copy";
  fs::copy_file(file_, copy);
  fs::rename(copy, file_);
  EXPECT_EQ(judge(), Verdict::same);
  EXPECT_EQ(registry_.seen().at(file_), version_of(file_));
  EXPECT_EQ(mapped(), 1u);
}

TEST_F(Versions, TheNewestIsFoundAndTheOldOneServes) {
  EXPECT_EQ(adopt("two"), "");
  EXPECT_TRUE(registry_.taking_over(file_));
  EXPECT_EQ(registry_.find("versioned")->info().version, "2.0");
  EXPECT_EQ(registry_.in_service(file_)->info().version, "1.0");
  EXPECT_EQ(shown().info.version, "1.0");
  EXPECT_THAT(shown().replacement, StartsWith("version 2.0 ("));
  EXPECT_FALSE(shown().failed);
  EXPECT_EQ(mapped(), 2u);
}

TEST_F(Versions, WhatWasReplacedAndIsUnusedIsUnmapped) {
  bool told = false;
  registry_.on_unused([&] { told = true; });
  ASSERT_EQ(adopt("two"), "");
  EXPECT_FALSE(told);
  registry_.settle(file_, "");
  EXPECT_TRUE(told);
  EXPECT_EQ(shown().info.version, "2.0");
  EXPECT_EQ(shown().replacement, "");
  EXPECT_THAT(cleared(), ElementsAre("1.0 unmapped"));
  EXPECT_EQ(mapped(), 1u);
  EXPECT_EQ(registry_.retired(), 0u);
}

TEST_F(Versions, WhatIsInUseStays) {
  auto used = registry_.in_service(file_);
  ASSERT_EQ(adopt("two"), "");
  registry_.settle(file_, "");
  EXPECT_THAT(cleared(), IsEmpty());
  ASSERT_EQ(shown().older.size(), 1u);
  EXPECT_EQ(shown().older[0].state, PluginState::draining);
  EXPECT_EQ(shown().older[0].version, "1.0");
  EXPECT_EQ(registry_.retired(), 1u);
  used.reset();
  EXPECT_THAT(cleared(), ElementsAre("1.0 unmapped"));
  EXPECT_THAT(shown().older, IsEmpty());
}

TEST_F(Versions, OneThatIsGivenUp) {
  ASSERT_EQ(adopt("two"), "");
  registry_.settle(file_, "was silent");
  EXPECT_EQ(registry_.find("versioned")->info().version, "1.0");
  EXPECT_TRUE(shown().failed);
  EXPECT_THAT(shown().replacement, testing::MatchesRegex("version 2.0 \\([0-9a-f]{8}\\): was silent"));
  EXPECT_THAT(cleared(), ElementsAre("2.0 unmapped"));
  EXPECT_THAT(registry_.refused(), ElementsAre(file_));
  // The bytes before are there again: all is well.
  folder_.install_version("one");
  EXPECT_EQ(judge(), Verdict::same);
  EXPECT_FALSE(shown().failed);
  EXPECT_EQ(shown().replacement, "");
}

TEST_F(Versions, ARefusedFileDisturbsNothing) {
  std::ofstream(file_) << "no library";
  EXPECT_EQ(judge(), Verdict::refused);
  EXPECT_EQ(shown().info.version, "1.0");
  EXPECT_EQ(shown().info.state, PluginState::loaded);
  EXPECT_EQ(shown().replacement, "is not an ELF file");
  EXPECT_TRUE(shown().failed);
  EXPECT_TRUE(registry_.find("versioned"));
}

TEST_F(Versions, WhatCannotBeUnmappedIsBounded) {
  ASSERT_EQ(adopt("stays_one"), "");
  registry_.settle(file_, "");
  EXPECT_THAT(cleared(), ElementsAre("1.0 unmapped"));
  for (const char* next : {"stays_two", "stays_one"}) {
    ASSERT_EQ(adopt(next), "");
    registry_.settle(file_, "");
    cleared();
  }
  EXPECT_EQ(registry_.retired(), 2u);
  ASSERT_EQ(shown().older.size(), 2u);
  EXPECT_EQ(shown().older[0].state, PluginState::retired);
  EXPECT_EQ(shown().older[0].reason, "it does not say that it can be unmapped");
  folder_.install_version("two");
  EXPECT_EQ(judge(2), Verdict::refused);
  EXPECT_THAT(shown().replacement, HasSubstr("plugins.max-retired"));
  EXPECT_THAT(shown().replacement, HasSubstr("2 replaced versions"));
  EXPECT_EQ(registry_.find("versioned")->info().version, "5.0");
  EXPECT_EQ(judge(3), Verdict::fresh);
}

TEST_F(Versions, OneThatIsPinnedIsSaidToStay) {
  folder_.install_version("pinned");
  Candidate candidate = examine(file_, registry_.options());
  candidate.stays = "a thread holds it";
  ASSERT_EQ(registry_.adopt(std::move(candidate)), "");
  registry_.settle(file_, "");
  EXPECT_FALSE(shown().info.unloadable);
  EXPECT_THAT(shown().info.warnings, ElementsAre(HasSubstr("a thread holds it")));
}

TEST_F(Versions, OneThatWasNotProbedIsFoundOutWhenItIsUnmapped) {
  ASSERT_EQ(adopt("pinned"), "");
  registry_.settle(file_, "");
  EXPECT_THAT(cleared(), ElementsAre("1.0 unmapped"));
  Host host;
  // The control thread uses the thread_local, and lives on.
  host.run([&] {
    const mcpr_discovery_sink sink{};
    char text[64];
    mcpr_err err{text, sizeof text, 0};
    const auto table = HostTable::make(host.services, "x");
    const auto* made = registry_.find("versioned")->discovery()->create(table->c(), &sink, {"{}", 2}, &err);
    ASSERT_TRUE(made);
    made->destroy(made->self);
    table->close([table] {});
  });
  ASSERT_EQ(adopt("two"), "");
  registry_.settle(file_, "");
  EXPECT_THAT(cleared(), ElementsAre("5.2 retired"));
  EXPECT_EQ(registry_.retired(), 1u);
  EXPECT_THAT(shown().older.at(0).reason, HasSubstr("keeps it mapped"));
  EXPECT_EQ(mapped(), 2u);
}

TEST_F(Versions, AnotherNameIsAnotherPlugin) {
  ASSERT_EQ(adopt("renamed"), "");
  EXPECT_FALSE(registry_.taking_over(file_));
  EXPECT_FALSE(registry_.find("versioned"));
  EXPECT_EQ(registry_.find("renamed")->info().version, "6.0");
  ASSERT_TRUE(registry_.gone("versioned"));
  EXPECT_THAT(registry_.gone("versioned")->config_prefixes, ElementsAre("mcp.router.versioned"));
  ASSERT_EQ(adopt("one"), "");
  EXPECT_FALSE(registry_.gone("versioned")) << "it is back";
  EXPECT_TRUE(registry_.gone("renamed"));
}

TEST_F(Versions, AFileThatIsGone) {
  fs::remove(file_);
  registry_.remove(file_);
  EXPECT_THAT(registry_.list(), IsEmpty());
  EXPECT_TRUE(registry_.gone("versioned"));
  EXPECT_THAT(cleared(), ElementsAre("1.0 unmapped"));
  EXPECT_EQ(mapped(), 0u);
  EXPECT_TRUE(fs::is_empty(folder_.runtime()));
}

TEST_F(Versions, AFileThatIsGoneAndWhosePluginIsInUseIsShown) {
  const auto used = registry_.in_service(file_);
  registry_.remove(file_);
  ASSERT_EQ(registry_.files().size(), 1u);
  EXPECT_EQ(shown().info.state, PluginState::draining);
}

TEST_F(Versions, TwoFilesWithOneNameWhileItRuns) {
  const fs::path other = folder_.install_version("two", "other.so");
  Candidate candidate = examine(other, registry_.options());
  ASSERT_EQ(registry_.judge(candidate, 16).verdict, Verdict::fresh);
  EXPECT_THAT(registry_.adopt(std::move(candidate)), HasSubstr("which " + file_.string() + " has already"));
  EXPECT_EQ(registry_.files().at(0).info.state, PluginState::refused);
  EXPECT_EQ(registry_.find("versioned")->info().version, "1.0");
  EXPECT_THAT(cleared(), ElementsAre("2.0 unmapped"));
}

}  // namespace
}  // namespace mcpr::plugin::test
