// Balancers as the host sees them. What round-robin.so itself does is tested in tests/plugins/balancer-round-robin.
#include "host/plugin/balancer.hpp"

#include <gtest/gtest.h>

#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

TEST(BalancerTest, CreateThatThrowsIsAnErrorWithItsText) {
  const Folder folder;
  Host host;
  std::string error;
  EXPECT_FALSE(Balancer::create(load(folder, folder.install("create_throws")), host.services, "{}", error));
  EXPECT_EQ(error, "create threw an exception: no dice");
}

TEST(BalancerTest, AnIncompleteTableIsRefused) {
  const Folder folder;
  Host host;
  std::string error;
  EXPECT_FALSE(Balancer::create(load(folder, folder.install("incomplete_table")), host.services, "{}", error));
  EXPECT_NE(error.find("its balancer table is incomplete"), std::string::npos);
}

TEST(BalancerTest, ASourceIsNoBalancer) {
  const Folder folder;
  Host host;
  std::string error;
  EXPECT_FALSE(Balancer::create(load(folder, folder.install("scripted")), host.services, "{}", error));
  EXPECT_EQ(error, "plugin scripted is not a balancer plugin");
}

TEST(BalancerTest, TablesOutliveTheirBalancer) {
  const Folder folder;
  Host host;
  std::string error;
  auto balancer = Balancer::create(load(folder, folder.install_file(MCPR_ROUND_ROBIN)), host.services, "{}", error);
  ASSERT_TRUE(balancer) << error;
  const Peer peers[] = {{1, 1000, "", nullptr}, {2, 1000, "", nullptr}};
  auto table = balancer->build(peers, nullptr, 0);
  ASSERT_TRUE(table);
  balancer.reset();
  EXPECT_EQ(table->size(), 2u);
  EXPECT_EQ(table->pick(nullptr, 0, 0, 0), 0u);
  EXPECT_EQ(table->pick(nullptr, 0, 0, 0), 1u);
  table->on_start(0);
  table->on_end(0, 10, MCPR_OUTCOME_OK);
  std::thread([&] { table.reset(); }).join();
  host.run([] {});
}

}  // namespace
}  // namespace mcpr::plugin::test
