// A folder that is there, that comes later, and that is swapped by a link.
#include "host/control/folder_watch.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/host/plugin/support.hpp"

namespace mcpr::control {
namespace {

namespace fs = std::filesystem;
using Event = FolderWatch::Event;

class FolderWatchTest : public testing::Test {
 protected:
  ~FolderWatchTest() override {
    host_.run([&] { watch_.reset(); });
  }
  void watch(const fs::path& folder) {
    host_.run([&] {
      watch_ = std::make_unique<FolderWatch>(host_.loop, folder, [this](Event event, const std::string& name) {
        constexpr const char* kNames[] = {"created ", "written ", "settled ", "rights ", "missed "};
        lines_.add(kNames[static_cast<std::size_t>(event)] + name);
      });
    });
  }
  testing::AssertionResult sees(const std::string& name) {
    std::ofstream(folder_.plugins() / name) << "x";
    return lines_.wait("settled " + name);
  }

  plugin::test::Folder folder_;
  plugin::test::Lines lines_;
  plugin::test::Host host_;
  std::unique_ptr<FolderWatch> watch_;
};

TEST_F(FolderWatchTest, TellsWhatHappensToFiles) {
  watch(folder_.plugins());
  const fs::path file = folder_.plugins() / "a.so";
  {
    std::ofstream out(file);
    ASSERT_TRUE(lines_.wait("created a.so"));
    out << "bytes" << std::flush;
    ASSERT_TRUE(lines_.wait("written a.so"));
    EXPECT_FALSE(lines_.has("settled a.so"));
  }
  ASSERT_TRUE(lines_.wait("settled a.so"));
  fs::permissions(file, fs::perms::owner_read);
  ASSERT_TRUE(lines_.wait("rights a.so"));
  fs::rename(file, folder_.plugins() / "b.so");
  ASSERT_TRUE(lines_.wait("settled b.so"));
  fs::create_hard_link(folder_.plugins() / "b.so", folder_.plugins() / "c.so");
  ASSERT_TRUE(lines_.wait("created c.so"));
}

TEST_F(FolderWatchTest, AFolderThatComesLater) {
  const fs::path folder = folder_.root() / "later" / "plugins";
  watch(folder);
  fs::create_directories(folder);
  ASSERT_TRUE(lines_.wait("missed"));
  // Which of the two events came first does not matter: either way it is watched from here on.
  fs::rename(folder, folder_.root() / "moved");
  fs::rename(folder_.root() / "moved", folder);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!lines_.has("settled a.so") && std::chrono::steady_clock::now() < end) std::ofstream(folder / "a.so") << "x";
  EXPECT_TRUE(lines_.has("settled a.so"));
}

TEST_F(FolderWatchTest, ALinkThatIsSwapped) {
  const fs::path link = folder_.root() / "link";
  const fs::path other = folder_.root() / "other";
  fs::create_directory(other);
  fs::create_directory_symlink("other", link);
  watch(link);
  fs::create_directory_symlink(folder_.plugins(), folder_.root() / "new");
  fs::rename(folder_.root() / "new", link);
  ASSERT_TRUE(lines_.wait("missed"));
  EXPECT_TRUE(sees("a.so"));
  std::ofstream(other / "b.so") << "x";
  EXPECT_TRUE(sees("c.so"));
  EXPECT_FALSE(lines_.has("b.so")) << "nobody looks there any more";
}

TEST_F(FolderWatchTest, AFolderThatIsReplaced) {
  watch(folder_.plugins());
  fs::rename(folder_.plugins(), folder_.root() / "old");
  fs::create_directory(folder_.plugins());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!lines_.has("settled a.so") && std::chrono::steady_clock::now() < end) {
    std::ofstream(folder_.plugins() / "a.so") << "x";
  }
  EXPECT_TRUE(lines_.has("settled a.so"));
  EXPECT_TRUE(lines_.has("missed"));
}

}  // namespace
}  // namespace mcpr::control
