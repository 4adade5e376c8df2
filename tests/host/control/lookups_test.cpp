#include "host/control/lookups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::control {
namespace {

using Answer = Lookups::Answer;
using testing::ElementsAre;
using testing::IsEmpty;

struct LookupsTest : testing::Test {
  void SetUp() override { lookups.set_limits({Lookups::Millis(60'000), Lookups::Millis(5'000), 3}); }
  Lookups::TimePoint at(int seconds) const { return Lookups::TimePoint(std::chrono::seconds(1'000 + seconds)); }
  Lookups lookups;
};

TEST_F(LookupsTest, ANameIsAskedForOnce) {
  EXPECT_EQ(lookups.wanted("a", at(0)), Answer::ask);
  EXPECT_TRUE(lookups.asking("a"));
  EXPECT_EQ(lookups.wanted("a", at(1)), Answer::wait);
  lookups.found("a", at(2));
  EXPECT_FALSE(lookups.asking("a"));
  EXPECT_TRUE(lookups.kept("a"));
  EXPECT_EQ(lookups.wanted("a", at(3)), Answer::ask) << "the catalog has lost it";
}

TEST_F(LookupsTest, WhatWasNotFoundIsNotAskedForForAWhile) {
  lookups.wanted("a", at(0));
  lookups.absent("a", at(1));
  EXPECT_EQ(lookups.wanted("a", at(5)), Answer::absent);
  EXPECT_EQ(lookups.wanted("a", at(6)), Answer::ask);
  lookups.failed("a", at(7));
  EXPECT_EQ(lookups.wanted("a", at(8)), Answer::failed);
  EXPECT_EQ(lookups.wanted("a", at(12)), Answer::ask);
}

TEST_F(LookupsTest, AScanIsBounded) {
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(lookups.wanted(name, at(0)), Answer::ask);
  EXPECT_EQ(lookups.wanted("d", at(0)), Answer::busy);
  lookups.absent("a", at(0));
  lookups.absent("b", at(2));
  EXPECT_EQ(lookups.wanted("d", at(1)), Answer::busy);
  EXPECT_EQ(lookups.wanted("a", at(1)), Answer::absent);
  EXPECT_EQ(lookups.wanted("d", at(5)), Answer::ask) << "the first has been forgotten";
  EXPECT_EQ(lookups.wanted("e", at(5)), Answer::busy);
  EXPECT_EQ(lookups.size(), 3u);
  lookups.found("d", at(5));
  EXPECT_EQ(lookups.wanted("e", at(5)), Answer::ask) << "services that are there are no scan";
}

TEST_F(LookupsTest, WhatWasFoundIsLookedAtAgain) {
  EXPECT_FALSE(lookups.next());
  for (const char* name : {"a", "b"}) lookups.wanted(name, at(0));
  lookups.found("a", at(0));
  lookups.found("b", at(10));
  EXPECT_EQ(lookups.next(), at(60));
  EXPECT_THAT(lookups.due(at(59)), IsEmpty());
  EXPECT_THAT(lookups.due(at(60)), ElementsAre("a"));
  EXPECT_TRUE(lookups.asking("a") && lookups.kept("a"));
  EXPECT_EQ(lookups.next(), at(70));
  lookups.found("a", at(61));
  EXPECT_THAT(lookups.due(at(200)), ElementsAre("b", "a"));
  lookups.failed("b", at(200));
  EXPECT_TRUE(lookups.kept("b")) << "a source that is away takes nothing away";
  EXPECT_EQ(lookups.next(), at(260));
  lookups.absent("a", at(200));
  EXPECT_FALSE(lookups.kept("a"));
  EXPECT_EQ(lookups.wanted("a", at(201)), Answer::absent);
  lookups.forget("b");
  EXPECT_FALSE(lookups.next());
}

}  // namespace
}  // namespace mcpr::control
