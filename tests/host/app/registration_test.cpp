#include "host/app/registration.hpp"

#include <gtest/gtest.h>

namespace mcpr::app {
namespace {

config::Settings settings() {
  config::Settings out;
  out.router.registration = {true, "mcp-router-v3@service-group", "10.0.0.7", 0, {{"team", "tools"}, {"role", "edge"}}};
  out.session.instance_id = "router-instance-1";
  out.server.context_path = "/mcp-bridge";
  return out;
}

TEST(Registration, NamesTheRouterAndSaysWhereItIs) {
  const auto service =
      registration(settings(), 8052, "1.2.3",
                   std::chrono::system_clock::time_point{} + std::chrono::milliseconds(1'700'000'000'123));
  ASSERT_TRUE(service);
  EXPECT_EQ(service->name, "mcp-router-v3@service-group");
  ASSERT_EQ(service->instances.size(), 1u);
  const catalog::Instance& self = service->instances[0];
  EXPECT_EQ(self.host, "10.0.0.7");
  EXPECT_EQ(self.port, 8052);
  std::map<std::string, std::string> metadata(self.metadata.begin(), self.metadata.end());
  EXPECT_EQ(metadata["type"], "mcp-router");
  EXPECT_EQ(metadata["startTime"], "1700000000123");
  EXPECT_EQ(metadata["instanceId"], "router-instance-1");
  EXPECT_EQ(metadata["contextPath"], "/mcp-bridge");
  EXPECT_EQ(metadata["team"], "tools");
  EXPECT_EQ(metadata["role"], "edge");  // the configuration has the last word
}

TEST(Registration, TheConfiguredPortGoesFirstAndDisabledIsNone) {
  config::Settings given = settings();
  given.router.registration.port = 80;
  EXPECT_EQ(registration(given, 8052, "1", {})->instances[0].port, 80);
  given.router.registration.enabled = false;
  EXPECT_FALSE(registration(given, 8052, "1", {}));
}

}  // namespace
}  // namespace mcpr::app
