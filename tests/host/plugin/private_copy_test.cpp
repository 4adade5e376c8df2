// Copies of killed routers are removed; those of living ones are not.
#include "host/plugin/private_copy.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

class PrivateCopies : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(prepare_runtime_directory(folder_.runtime()), ""); }
  PrivateCopy make() {
    const fs::path file = folder_.plugins() / "some.so";
    std::ofstream(file) << "the bytes";
    const OpenFile opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::string error;
    PrivateCopy out = PrivateCopy::make(opened.fd(), "some", folder_.runtime(), error);
    EXPECT_EQ(error, "");
    return out;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.runtime()), fs::directory_iterator()));
  }
  Folder folder_;
};

TEST_F(PrivateCopies, AreRemovedWithTheirObject) {
  {
    PrivateCopy one = make();
    EXPECT_EQ(one.hash(), "ed589341c9fd5da96aaff4c5efa008226282a716186608d5a032ac75895a9c2f");
    PrivateCopy two = std::move(one);
    EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move): it says that it is none
    EXPECT_TRUE(fs::exists(two.path()));
    EXPECT_EQ(files(), 1u);
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(PrivateCopies, OfLivingRoutersStay) {
  const PrivateCopy ours = make();
  const pid_t child = ::fork();
  if (child == 0) {
    remove_leftover_copies(folder_.runtime());
    ::_exit(fs::exists(ours.path()) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(PrivateCopies, OfKilledRoutersAreRemoved) {
  const pid_t child = ::fork();
  if (child == 0) {
    new PrivateCopy(make());
    std::ofstream(folder_.runtime() / "some.Ab3dEf") << "half a copy";
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  std::ofstream(folder_.runtime() / "notes.txt") << "somebody else's";
  EXPECT_EQ(files(), 3u);
  remove_leftover_copies(folder_.runtime());
  EXPECT_EQ(files(), 1u);
  EXPECT_TRUE(fs::exists(folder_.runtime() / "notes.txt"));
}

TEST_F(PrivateCopies, OfAnotherProcessAreNotOursToRemove) {
  const PrivateCopy ours = make();
  {
    const PrivateCopy theirs = PrivateCopy::of_another(ours.path());
  }
  EXPECT_TRUE(fs::exists(ours.path()));
}

}  // namespace
}  // namespace mcpr::plugin::test
