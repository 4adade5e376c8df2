#include "host/app/life_cycle.hpp"

#include <gtest/gtest.h>

namespace mcpr::app {
namespace {

using Action = LifeCycle::Action;

TEST(LifeCycle, StartReloadDrainFinish) {
  LifeCycle life;
  EXPECT_EQ(life.started(), Action::none);
  EXPECT_TRUE(life.is_running());
  EXPECT_EQ(life.reload_wanted(), Action::reload);
  EXPECT_EQ(life.stop_wanted(), Action::drain);
  EXPECT_TRUE(life.is_draining());
  EXPECT_EQ(life.reload_wanted(), Action::none);
  EXPECT_EQ(life.drained(), Action::finish);
  EXPECT_EQ(life.drained(), Action::none);
  EXPECT_EQ(life.exit_code(), 0);
}

TEST(LifeCycle, ASecondStopDoesNotWait) {
  LifeCycle life;
  life.started();
  EXPECT_EQ(life.stop_wanted(), Action::drain);
  EXPECT_EQ(life.stop_wanted(), Action::exit_now);
}

TEST(LifeCycle, WhatIsAskedWhileStartingIsDoneThen) {
  LifeCycle stopped;
  EXPECT_EQ(stopped.stop_wanted(), Action::none);
  EXPECT_EQ(stopped.started(), Action::drain);
  LifeCycle reloaded;
  EXPECT_EQ(reloaded.reload_wanted(), Action::none);
  EXPECT_EQ(reloaded.started(), Action::reload);
  LifeCycle impatient;
  impatient.stop_wanted();
  EXPECT_EQ(impatient.stop_wanted(), Action::exit_now);
}

TEST(LifeCycle, Failures) {
  LifeCycle life;
  life.started();
  EXPECT_EQ(life.failed(), Action::finish);
  EXPECT_EQ(life.failed(), Action::none);
  EXPECT_EQ(life.reload_wanted(), Action::none);
  EXPECT_EQ(life.exit_code(), 1);
  LifeCycle starting;
  EXPECT_EQ(starting.failed(), Action::finish);
  EXPECT_EQ(starting.started(), Action::none);
  EXPECT_FALSE(starting.is_running());
}

}  // namespace
}  // namespace mcpr::app
