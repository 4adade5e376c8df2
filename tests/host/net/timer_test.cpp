#include "host/net/timer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "host/net/loop.hpp"

namespace mcpr::net {
namespace {

// A loop that never runs: its queue is fired by hand with a time of our own.
struct Clockless : testing::Test {
  Loop loop;
  TimePoint start = Clock::now() + std::chrono::hours(1);  // far enough not to be reached
  TimePoint at(int ms) const { return start + Millis(ms); }
};

TEST_F(Clockless, FiresInOrderOfTime) {
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  std::mt19937 random(7);
  std::vector<int> times(500);
  for (int& time : times) time = static_cast<int>(random() % 1000);
  for (const int time : times) {
    timers.push_back(std::make_unique<Timer>(loop, [&fired, time] { fired.push_back(time); }));
    timers.back()->arm_at(at(time));
  }
  loop.timers().fire(at(499));
  for (const int time : fired) EXPECT_LE(time, 499);
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
  loop.timers().fire(at(1000));
  EXPECT_EQ(fired.size(), times.size());
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
  EXPECT_TRUE(loop.timers().empty());
}

TEST_F(Clockless, CancelledAndDestroyedTimersStaySilent) {
  int fired = 0;
  Timer cancelled(loop, [&] { ++fired; });
  auto destroyed = std::make_unique<Timer>(loop, [&] { ++fired; });
  Timer kept(loop, [&] { ++fired; });
  cancelled.arm_at(at(1));
  destroyed->arm_at(at(2));
  kept.arm_at(at(3));
  cancelled.cancel();
  destroyed.reset();
  EXPECT_FALSE(cancelled.armed());
  loop.timers().fire(at(10));
  EXPECT_EQ(fired, 1);
}

TEST_F(Clockless, ArmingAgainReplaces) {
  int fired = 0;
  Timer timer(loop, [&] { ++fired; });
  timer.arm_at(at(1));
  timer.arm_at(at(100));
  loop.timers().fire(at(50));
  EXPECT_EQ(fired, 0);
  loop.timers().fire(at(100));
  EXPECT_EQ(fired, 1);
}

TEST_F(Clockless, ACallbackMayArmOrDestroyItsTimer) {
  int fired = 0;
  Timer again(loop, [] {});
  std::unique_ptr<Timer> once;
  Timer* self = nullptr;
  auto repeating = std::make_unique<Timer>(loop, [&] {
    if (++fired < 3) self->arm_at(at(10 * fired));
  });
  self = repeating.get();
  repeating->arm_at(at(0));
  once = std::make_unique<Timer>(loop, [&] { once.reset(); });
  once->arm_at(at(5));
  loop.timers().fire(at(100));
  EXPECT_EQ(fired, 3);
  EXPECT_EQ(once, nullptr);
  EXPECT_FALSE(repeating->armed());
}

TEST(Loop, RunsWhatIsPostedInOrderAndStops) {
  Loop loop;
  std::vector<int> seen;
  for (int i = 0; i < 3; ++i) loop.post([&seen, i] { seen.push_back(i); });
  Timer timer(loop, [&] {
    seen.push_back(99);
    loop.stop();
  });
  timer.arm(Millis(1));
  loop.run();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 99}));
}

}  // namespace
}  // namespace mcpr::net
