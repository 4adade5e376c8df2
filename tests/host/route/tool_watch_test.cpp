#include "host/route/tool_watch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace mcpr::route {
namespace {

using std::chrono::milliseconds;

struct Listener final : ToolListener {
  void on_tools_changed(std::uint64_t revision) override {
    heard.push_back(revision);
    if (then) then();
  }
  void on_watch_closed() override { closed = true; }
  std::vector<std::uint64_t> heard;
  std::function<void()> then;
  bool closed = false;
};

using Heard = std::vector<std::uint64_t>;

struct ToolWatchTest : testing::Test {
  ToolWatch::TimePoint now{std::chrono::hours(1)};
  ToolWatch watch;
  Listener a, b, other;
};

TEST_F(ToolWatchTest, TellsTheServicesListenersOnly) {
  watch.add(a, "s", 1, false);
  watch.add(b, "s", 1, false);
  watch.add(other, "t", 1, false);
  EXPECT_FALSE(watch.waiting());
  watch.changed("nobody", 2);
  EXPECT_FALSE(watch.waiting());
  watch.changed("s", 2);
  EXPECT_TRUE(watch.waiting());
  EXPECT_EQ(watch.tell(now), std::nullopt);
  EXPECT_EQ(a.heard, Heard{2});
  EXPECT_EQ(b.heard, Heard{2});
  EXPECT_TRUE(other.heard.empty());
  EXPECT_FALSE(watch.waiting());
}

TEST_F(ToolWatchTest, ABurstIsToldOnceAndTheLastOneAlways) {
  watch.add(a, "s", 1, false);
  watch.changed("s", 2);
  watch.changed("s", 3);
  EXPECT_EQ(watch.tell(now), std::nullopt);
  EXPECT_EQ(a.heard, Heard{3});
  for (std::uint64_t revision = 4; revision < 9; ++revision) {
    watch.changed("s", revision);
    now += milliseconds(100);
    ASSERT_TRUE(watch.tell(now));
  }
  EXPECT_EQ(a.heard, Heard{3});
  const auto due = watch.tell(now);
  ASSERT_TRUE(due);
  EXPECT_EQ(*due - now, milliseconds(500));
  EXPECT_EQ(watch.tell(*due), std::nullopt);
  EXPECT_EQ(a.heard, (Heard{3, 8}));
  EXPECT_EQ(watch.tell(*due + milliseconds(5000)), std::nullopt);
  EXPECT_EQ(a.heard, (Heard{3, 8}));
}

TEST_F(ToolWatchTest, OneThatIsBehindIsToldWithinThePace) {
  watch.add(a, "s", 1, false);
  watch.changed("s", 2);
  watch.tell(now);
  watch.add(b, "s", 2, true);
  const auto due = watch.tell(now + milliseconds(1));
  ASSERT_TRUE(due);
  EXPECT_TRUE(b.heard.empty());
  watch.tell(*due);
  EXPECT_EQ(b.heard, Heard{2});
  EXPECT_EQ(a.heard, Heard{2}) << "it knew already";
  watch.add(other, "t", 7, true);
  watch.tell(*due);
  EXPECT_EQ(other.heard, Heard{7}) << "the first of its service waits for nobody";
}

TEST_F(ToolWatchTest, ListenersMayLeaveAtAnyTime) {
  auto gone = std::make_unique<Listener>();
  watch.add(*gone, "s", 1, false);
  EXPECT_EQ(watch.services(), 1u);
  gone.reset();
  EXPECT_EQ(watch.services(), 0u);

  // One takes the others and itself out while it is told.
  auto itself = std::make_unique<Listener>();
  watch.add(*itself, "s", 1, false);
  watch.add(a, "s", 1, false);
  watch.add(b, "s", 1, false);
  itself->then = [&] {
    watch.remove(a);
    watch.remove(b);
    itself.reset();
  };
  watch.changed("s", 2);
  EXPECT_EQ(watch.tell(now), std::nullopt);
  EXPECT_TRUE(a.heard.empty() && b.heard.empty());
  EXPECT_EQ(watch.services(), 0u);

  watch.add(a, "s", 1, false);
  watch.changed("s", 2);
  watch.remove(a);
  EXPECT_EQ(watch.tell(now), std::nullopt);
  EXPECT_EQ(watch.services(), 0u);
  watch.remove(a);
}

TEST_F(ToolWatchTest, ChangesWhileTellingAreNotLost) {
  watch.add(a, "s", 1, false);
  watch.add(b, "s", 1, false);
  a.then = [&] {
    a.then = nullptr;
    watch.changed("s", 3);
  };
  watch.changed("s", 2);
  const auto due = watch.tell(now);
  ASSERT_TRUE(due);
  EXPECT_EQ(a.heard, Heard{2});
  EXPECT_EQ(b.heard, Heard{3});
  EXPECT_EQ(*due, now + ToolWatch::kPace);
  EXPECT_EQ(watch.tell(*due), std::nullopt);
  EXPECT_EQ(a.heard, (Heard{2, 3}));
}

TEST_F(ToolWatchTest, ManyAreToldInTurns) {
  std::vector<std::unique_ptr<Listener>> many;
  for (std::size_t i = 0; i < 2 * ToolWatch::kAtOnce + 1; ++i) {
    many.push_back(std::make_unique<Listener>());
    watch.add(*many.back(), "s", 1, false);
  }
  watch.add(other, "t", 1, false);
  watch.changed("s", 2);
  watch.changed("t", 2);
  EXPECT_EQ(watch.tell(now), now);
  const auto told = [&] {
    std::size_t n = 0;
    for (const auto& at : many) n += at->heard.size();
    return n;
  };
  EXPECT_EQ(told(), ToolWatch::kAtOnce);
  EXPECT_EQ(watch.tell(now), now);
  EXPECT_EQ(watch.tell(now), std::nullopt);
  EXPECT_EQ(told(), many.size());
  EXPECT_EQ(other.heard, Heard{2});
}

TEST_F(ToolWatchTest, Close) {
  watch.add(a, "s", 1, false);
  watch.add(b, "t", 1, true);
  watch.close();
  EXPECT_TRUE(a.closed && b.closed);
  EXPECT_FALSE(other.closed);
  EXPECT_EQ(watch.tell(now), std::nullopt);
  EXPECT_EQ(watch.services(), 0u);
}

TEST_F(ToolWatchTest, ListenersMayOutliveIt) {
  Listener survivor;
  {
    ToolWatch shorter;
    shorter.add(survivor, "s", 1, false);
  }
  EXPECT_FALSE(survivor.closed);
}

}  // namespace
}  // namespace mcpr::route
