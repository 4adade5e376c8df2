// When a file of the plugins folder is looked at.
#include "host/control/arrivals.hpp"

#include <gtest/gtest.h>

namespace mcpr::control {
namespace {

class ArrivalsTest : public testing::Test {
 protected:
  static net::TimePoint at(int ms) { return net::TimePoint() + net::Millis(ms); }
  Arrivals arrivals_{net::Millis(300)};
};

TEST_F(ArrivalsTest, NothingIsNothing) {
  EXPECT_FALSE(arrivals_.take_ripe(at(0)));
  EXPECT_FALSE(arrivals_.next());
}

TEST_F(ArrivalsTest, AFileThatIsClosedIsLookedAtWhenItHasBeenQuiet) {
  arrivals_.settled("a.so", at(0));
  EXPECT_EQ(arrivals_.next(), at(300));
  EXPECT_TRUE(arrivals_.waiting("a.so"));
  EXPECT_FALSE(arrivals_.take_ripe(at(299)));
  EXPECT_TRUE(arrivals_.take_ripe(at(300)));
  EXPECT_FALSE(arrivals_.waiting("a.so"));
  EXPECT_FALSE(arrivals_.take_ripe(at(300)));
}

TEST_F(ArrivalsTest, AnotherWriteBeginsTheQuietAnew) {
  arrivals_.settled("a.so", at(0));
  arrivals_.written("a.so", at(200));
  EXPECT_FALSE(arrivals_.take_ripe(at(20'000))) << "it is being written, however slowly";
  arrivals_.settled("a.so", at(20'000));
  EXPECT_FALSE(arrivals_.take_ripe(at(20'299)));
  EXPECT_TRUE(arrivals_.take_ripe(at(20'300)));
}

TEST_F(ArrivalsTest, AFileThatIsCreatedWaitsForItsBytes) {
  arrivals_.created("a.so", at(0));
  EXPECT_FALSE(arrivals_.take_ripe(at(1'000)));
  arrivals_.written("a.so", at(1'000));
  arrivals_.settled("a.so", at(1'001));
  EXPECT_TRUE(arrivals_.take_ripe(at(1'301)));
  arrivals_.created("link.so", at(0));  // nobody closes it
  EXPECT_TRUE(arrivals_.take_ripe(at(2'000)));
}

TEST_F(ArrivalsTest, OtherRightsDoNotHurryAWriter) {
  arrivals_.written("a.so", at(0));
  arrivals_.rights("a.so", at(1));
  EXPECT_FALSE(arrivals_.take_ripe(at(5'000)));
  arrivals_.rights("b.so", at(0));
  EXPECT_TRUE(arrivals_.take_ripe(at(300)));
}

TEST_F(ArrivalsTest, FilesRipenOneByOne) {
  arrivals_.settled("a.so", at(0));
  arrivals_.settled("b.so", at(100));
  EXPECT_TRUE(arrivals_.take_ripe(at(300)));
  EXPECT_TRUE(arrivals_.waiting("b.so"));
  EXPECT_EQ(arrivals_.next(), at(400));
  EXPECT_TRUE(arrivals_.take_ripe(at(400)));
}

TEST_F(ArrivalsTest, LostEventsMakeAllBeLookedAt) {
  arrivals_.written("a.so", at(0));  // whose close may be among the lost ones
  arrivals_.missed(at(10));
  EXPECT_FALSE(arrivals_.waiting("a.so"));
  EXPECT_EQ(arrivals_.next(), at(310));
  EXPECT_TRUE(arrivals_.take_ripe(at(310)));
  EXPECT_FALSE(arrivals_.next());
}

}  // namespace
}  // namespace mcpr::control
