// When a successor takes over, and when it is given up.
#include "host/control/takeover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::control {
namespace {

using Step = Takeover::Step;
using testing::HasSubstr;

class TakeoverTest : public testing::Test {
 protected:
  static net::TimePoint at(int ms) { return net::TimePoint() + net::Millis(ms); }
  static catalog::ServicePtr service(const std::string& name, const std::string& description = "") {
    catalog::Service out;
    out.name = name;
    out.description = description;
    return std::make_shared<const catalog::Service>(std::move(out));
  }
  Takeover takeover_{at(0), net::Millis(30'000)};
};

TEST_F(TakeoverTest, ItWaitsForTheFirstFullLoad) {
  takeover_.published(service("a"));
  takeover_.health({plugin::Health::up, ""});
  EXPECT_EQ(takeover_.step(at(29'999)), Step::wait);
  takeover_.synced();
  EXPECT_EQ(takeover_.step(at(29'999)), Step::take_over);
}

TEST_F(TakeoverTest, OneThatIsSilentIsGivenUp) {
  takeover_.published(service("a"));
  EXPECT_EQ(takeover_.deadline(), at(30'000));
  EXPECT_EQ(takeover_.step(at(30'000)), Step::give_up);
  EXPECT_EQ(takeover_.why_given_up(),
            "did not say that it has published everything for 30000 ms (plugins.takeover-timeout)");
}

TEST_F(TakeoverTest, OneThatIsDownHasTimeToRecover) {
  takeover_.health({plugin::Health::down, "connection refused"});
  takeover_.synced();
  EXPECT_EQ(takeover_.step(at(1)), Step::wait);
  EXPECT_EQ(takeover_.step(at(30'000)), Step::give_up);
  EXPECT_THAT(takeover_.why_given_up(), HasSubstr("was down for 30000 ms"));
  EXPECT_THAT(takeover_.why_given_up(), HasSubstr("its health: down, connection refused"));
  takeover_.health({plugin::Health::degraded, "half of it"});
  EXPECT_EQ(takeover_.step(at(29'000)), Step::take_over);
}

TEST_F(TakeoverTest, TheLastWordOfAServiceCounts) {
  takeover_.published(service("b"));
  takeover_.published(service("a", "first"));
  takeover_.published(service("a", "second"));
  takeover_.published(service("c"));
  takeover_.withdrawn("c");
  takeover_.withdrawn("never");
  const auto services = takeover_.services();
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0]->description, "second");
  EXPECT_EQ(services[1]->name, "b");
}

}  // namespace
}  // namespace mcpr::control
