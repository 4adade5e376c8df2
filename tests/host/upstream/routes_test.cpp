// A data thread's tables when instances or the balancer change.
#include "host/upstream/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/catalog/merge.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::upstream {
namespace {

class RoutesTest : public testing::Test {
 protected:
  std::shared_ptr<plugin::Balancer> balancer(const std::string& version) {
    plugin::PluginInfo info;
    auto loaded = plugin::LoadedPlugin::open(
        plugin::examine(folder_.install_version(version, "picky.so"), folder_.options()), shelf_, info);
    EXPECT_TRUE(loaded) << info.reason;
    loaded_ = loaded;
    std::string error;
    std::shared_ptr<plugin::Balancer> out = plugin::Balancer::create(std::move(loaded), host_.services, "{}", error);
    EXPECT_TRUE(out) << error;
    return out;
  }
  static BalancersPtr balancers(std::shared_ptr<plugin::Balancer> picky, std::shared_ptr<plugin::Balancer> other = {}) {
    auto out = std::make_shared<Balancers>();
    out->by_name.emplace("picky", std::move(picky));
    if (other) out->by_name.emplace("other", std::move(other));
    out->standard = "picky";
    return out;
  }
  DirectoryPtr directory(const std::string& service, std::initializer_list<int> ports, const std::string& wants = "") {
    catalog::Service out;
    out.name = service;
    out.options.load_balancer = wants;
    for (const int port : ports) {
      catalog::Instance instance;
      instance.host = "127.0.0.1";
      instance.port = static_cast<std::uint16_t>(port);
      instance.id = std::to_string(port);
      instance.transport = catalog::Transport::sse;
      out.instances.push_back(std::move(instance));
    }
    const auto id = merge_.add_source("s" + std::to_string(++sources_));
    merge_.publish(id, std::make_shared<const catalog::Service>(std::move(out)));
    merge_.set_order(std::vector{id});
    return builder_.build(*merge_.commit().catalog);
  }
  std::string pick(const std::string& service) {
    const InstancePtr at = routes_.pick(routes_.directory().find(service), {catalog::Era::era_handshake});
    return at ? at->id() : "none";
  }
  std::size_t built(const std::string& what) const {
    const auto lines = host_.log.all();
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const std::string& at) {
      return at.find("built " + what) != std::string::npos;
    }));
  }

  plugin::test::Folder folder_;
  plugin::test::Host host_;
  std::shared_ptr<plugin::Shelf> shelf_ = std::make_shared<plugin::Shelf>();
  std::weak_ptr<const plugin::LoadedPlugin> loaded_;  // the latest
  catalog::Merge merge_;
  int sources_ = 0;
  DirectoryBuilder builder_;
  Routes routes_{0};
};

TEST_F(RoutesTest, AnotherVersionBuildsAllTablesAfresh) {
  const auto first = balancers(balancer("first")), last = balancers(balancer("last"));
  auto services = directory("a", {1, 2, 3});
  services = directory("b", {4, 5});
  routes_.apply(services, first);
  EXPECT_EQ(pick("a"), "1");
  EXPECT_EQ(built("1.0 afresh"), 2u);
  routes_.apply(services, last);
  EXPECT_EQ(pick("a"), "3");
  EXPECT_EQ(pick("b"), "5");
  EXPECT_EQ(built("2.0 afresh"), 2u);
  EXPECT_EQ(built("2.0 from a table before"), 0u) << "it was given the state of another version";
  routes_.apply(services, last);
  EXPECT_EQ(built("2.0"), 2u) << "nothing has changed";
}

TEST_F(RoutesTest, OnlyTheServicesOfTheBalancerThatChangedAreBuilt) {
  const auto picky = balancer("first");
  const auto services = directory("b", {4, 5}, "other");
  routes_.apply(services, balancers(picky));
  EXPECT_EQ(pick("b"), "4") << "there is no `other` yet: the standard one serves";
  routes_.apply(directory("a", {1, 2}), balancers(picky));
  EXPECT_EQ(built("1.0"), 2u);
  routes_.apply(builder_.current(), balancers(picky, balancer("last")));
  EXPECT_EQ(pick("b"), "5");
  EXPECT_EQ(pick("a"), "1");
  EXPECT_EQ(built("1.0"), 2u);
  EXPECT_EQ(built("2.0 afresh"), 1u);
}

TEST_F(RoutesTest, ChangedInstancesGoOnFromTheTableBefore) {
  const auto first = balancers(balancer("first"));
  routes_.apply(directory("a", {1, 2}), first);
  routes_.apply(directory("a", {2, 3}), first);
  EXPECT_EQ(pick("a"), "2");
  EXPECT_EQ(built("1.0 from a table before"), 1u);
}

TEST_F(RoutesTest, TheOldBalancerIsDestroyedWhenItsTablesAreGone) {
  auto first = balancers(balancer("first"));
  const auto watched = loaded_;
  const auto services = directory("a", {1, 2});
  routes_.apply(services, first);
  first.reset();
  host_.run([] {});
  EXPECT_FALSE(watched.expired());
  routes_.apply(services, balancers(balancer("last")));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!watched.expired() && std::chrono::steady_clock::now() < end) host_.run([] {});
  ASSERT_TRUE(watched.expired());
  std::vector<plugin::PluginInfo> cleared;
  host_.run([&] { cleared = shelf_->clear(); });
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_EQ(cleared[0].state, plugin::PluginState::unmapped) << cleared[0].reason;
}

}  // namespace
}  // namespace mcpr::upstream
