// Files that come, change and go in a real folder, with real probes and no router around.
#include "host/control/plugin_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/util/log.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::control {
namespace {

namespace fs = std::filesystem;
using plugin::Registry;
using testing::HasSubstr;
using namespace std::chrono_literals;

class PluginFolderTest : public testing::Test {
 protected:
  void begin(const std::string& version = "one") {
    if (!version.empty()) file_ = folder_.install_version(version);
    registry_.scan();
    PluginFolderHooks hooks;
    hooks.sources_of = [this](const plugin::PluginInfo& manifest) {
      probes_.add("asked for " + manifest.version);
      return std::vector<plugin::ProbeSource>{{"main", R"({"port": 80})"}};
    };
    hooks.changed = [this](bool claims) {
      const auto newest = registry_.find("versioned");
      changes_.add((newest ? "version " + newest->info().version : std::string("nothing")) +
                   (claims ? ", claims" : ""));
      begun_->planned();
    };
    hooks.usage = [this](const plugin::LoadedPlugin&) { return usage_; };
    hooks.needed = [this](const plugin::LoadedPlugin&) { return needed_; };
    hooks.status = [] {};
    host_.run([&] {
      watch_ = std::make_unique<PluginFolder>(host_.loop, host_.pool, registry_, options(), std::move(hooks));
      begun_ = watch_.get();
    });
  }
  ~PluginFolderTest() override {
    host_.run([&] { watch_.reset(); });
  }
  static PluginFolderOptions options() { return {true, {MCPR_PROGRAM, 60s}, 16, true}; }
  std::string in_service() {
    std::string out;
    host_.run([&] {
      const auto plugin = registry_.in_service(file_);
      out = plugin ? plugin->info().version : "none";
    });
    return out;
  }
  Registry::File shown() {
    Registry::File out;
    host_.run([&] {
      for (const Registry::File& at : registry_.files()) {
        if (at.info.file == file_) out = at;
      }
    });
    return out;
  }
  void end_takeover(const std::string& failure = "") {
    host_.run([&] {
      usage_ = {failure.empty() ? 1u : 0u, 0, failure};
      watch_->planned();
      usage_ = {0, 1, ""};
    });
  }

  plugin::test::Lines log_, changes_, probes_;
  log::Capture capture_{[this](log::Level, std::string_view, std::string_view text) { log_.add(std::string(text)); }};
  plugin::test::Folder folder_;
  Registry registry_{folder_.options()};
  plugin::test::Host host_;
  fs::path file_;
  PluginFolderHooks::Usage usage_{1, 0, ""};
  std::string needed_;
  PluginFolder* begun_ = nullptr;
  std::unique_ptr<PluginFolder> watch_;
};

TEST_F(PluginFolderTest, AReplacedFileTakesOver) {
  begin();
  folder_.install_version("two");
  ASSERT_TRUE(log_.wait("is in service"));
  EXPECT_EQ(in_service(), "2.0");
  EXPECT_TRUE(changes_.has("version 2.0"));
  EXPECT_FALSE(changes_.has("claims"));
  EXPECT_TRUE(probes_.has("asked for 2.0"));
  EXPECT_TRUE(log_.wait("versioned 1.0 ("));
  EXPECT_TRUE(log_.wait("is unmapped"));
}

TEST_F(PluginFolderTest, TheSameBytesAreNothing) {
  begin();
  folder_.install_version("one");
  // What comes after it is seen, so it was seen itself.
  folder_.install_version("two", "other.so");
  ASSERT_TRUE(log_.wait("other.so is refused"));
  EXPECT_EQ(shown().replacement, "");
  EXPECT_FALSE(changes_.has("version"));
  EXPECT_FALSE(probes_.has("asked for 1.0"));
}

TEST_F(PluginFolderTest, BytesThatWereFoundGoodAreNotProbedAgain) {
  begin();
  folder_.install_version("two");
  ASSERT_TRUE(log_.wait("versioned 2.0"));
  ASSERT_TRUE(changes_.wait("version 2.0"));
  folder_.install_version("three");
  ASSERT_TRUE(changes_.wait("version 3.0"));
  const auto asked = [&] {
    const auto all = probes_.all();
    return std::count(all.begin(), all.end(), "asked for 2.0");
  };
  EXPECT_EQ(asked(), 1);
  folder_.install_version("two");
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (in_service() != "2.0" && std::chrono::steady_clock::now() < end) host_.run([] {});
  EXPECT_EQ(in_service(), "2.0");
  EXPECT_EQ(asked(), 2) << "only to compare with what was tried";
  EXPECT_EQ(changes_.all().size(), 3u);
}

TEST_F(PluginFolderTest, ANewerFileWaitsForTheEndOfATakeover) {
  usage_ = {0, 1, ""};
  begin();
  folder_.install_version("two");
  ASSERT_TRUE(changes_.wait("version 2.0"));
  folder_.install_version("three");
  folder_.install_version("first", "other.so");
  ASSERT_TRUE(log_.wait("other.so: picky 1.0"));
  EXPECT_FALSE(changes_.has("version 3.0"));
  EXPECT_EQ(in_service(), "1.0");
  EXPECT_THAT(shown().replacement, HasSubstr("is taking over"));
  end_takeover();
  ASSERT_TRUE(changes_.wait("version 3.0"));
  EXPECT_EQ(in_service(), "2.0");
  end_takeover();
  EXPECT_EQ(in_service(), "3.0");
}

TEST_F(PluginFolderTest, OneThatIsGivenUpLeavesTheOldOne) {
  usage_ = {0, 1, ""};
  begin();
  folder_.install_version("two");
  ASSERT_TRUE(changes_.wait("version 2.0"));
  end_takeover("was silent");
  EXPECT_EQ(in_service(), "1.0");
  EXPECT_TRUE(shown().failed);
  EXPECT_TRUE(log_.has("is given up, the version before it stays: was silent"));
  EXPECT_EQ(changes_.all().back(), "version 1.0");
}

TEST_F(PluginFolderTest, OneThatCrashesIsRefusedOnce) {
  begin();
  folder_.install_file(fs::path(MCPR_TEST_PLUGINS) / "crash_loading.so", "versioned.so");
  ASSERT_TRUE(log_.wait("the new file is refused"));
  EXPECT_EQ(in_service(), "1.0");
  EXPECT_THAT(shown().replacement, HasSubstr("while it was being loaded"));
  // Configured anew, it is tried again, and said no second time.
  host_.run([&] { watch_->set_options(options()); });
  folder_.install_version("first", "other.so");
  ASSERT_TRUE(log_.wait("other.so: picky 1.0"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose last words are others each time
  const auto lines = log_.all();
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(),
                    [](const std::string& at) { return at.find("the new file is refused") != std::string::npos; }),
      1);
#endif
}

TEST_F(PluginFolderTest, AFileThatIsGoneIsDrained) {
  begin();
  fs::remove(file_);
  ASSERT_TRUE(changes_.wait("nothing"));
  EXPECT_EQ(in_service(), "none");
  EXPECT_TRUE(log_.wait("is unmapped"));
}

TEST_F(PluginFolderTest, OneThatIsNeededStaysWithoutItsFile) {
  needed_ = "it is the only one";
  begin();
  fs::remove(file_);
  ASSERT_TRUE(log_.wait("stays in service: it is the only one"));
  EXPECT_EQ(in_service(), "1.0");
  EXPECT_TRUE(shown().failed);
  // Another plugin is no successor.
  folder_.install_version("renamed");
  ASSERT_TRUE(log_.wait("would replace \"versioned\": it is the only one"));
  EXPECT_EQ(in_service(), "1.0");
  fs::remove(file_);
  host_.run([&] {
    needed_.clear();
    watch_->planned();
  });
  ASSERT_TRUE(changes_.wait("nothing"));
  EXPECT_EQ(in_service(), "none");
}

TEST_F(PluginFolderTest, ANewFileIsUsedAndItsClaimsAreRead) {
  fs::remove(folder_.plugins());
  begin("");
  fs::create_directory(folder_.plugins());
  fs::permissions(folder_.plugins(), fs::perms::owner_all);
  file_ = folder_.install_version("one");
  ASSERT_TRUE(changes_.wait("version 1.0, claims"));
  EXPECT_EQ(in_service(), "1.0");
  folder_.install_version("claims_more");
  ASSERT_TRUE(changes_.wait("version 7.0, claims"));
}

TEST_F(PluginFolderTest, OverwritingInPlaceAndInSteps) {
  begin();
  std::ifstream in(fs::path(MCPR_VERSIONS) / "two.so", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  {
    std::ofstream out(file_, std::ios::binary | std::ios::trunc);
    for (std::size_t at = 0; at < bytes.size(); at += 4096) out << bytes.substr(at, 4096) << std::flush;
    folder_.install_version("first", "other.so");
    ASSERT_TRUE(log_.wait("other.so: picky 1.0"));  // long after the last of these writes
    EXPECT_FALSE(changes_.has("version 2.0")) << "somebody is writing to it";
  }
  ASSERT_TRUE(changes_.wait("version 2.0"));
  EXPECT_FALSE(log_.has("refused"));
}

}  // namespace
}  // namespace mcpr::control
