// Through the real round-robin.so, loaded as the router loads it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <new>

#include "host/plugin/balancer.hpp"
#include "host/plugin/registry.hpp"

namespace {
std::atomic<long> allocations{0};
}

// Counts what is allocated in this process, the plugin included.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace mcpr::plugin {
namespace {

namespace fs = std::filesystem;

class RoundRobin : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/mcpr-round-robin-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    PluginInfo info;
    const auto plugin = LoadedPlugin::load(MCPR_ROUND_ROBIN, {root_, root_ / "run", false}, info);
    ASSERT_TRUE(plugin) << info.reason;
    std::string error;
    balancer_ = Balancer::create(plugin, services_, "{}", error);
    ASSERT_TRUE(balancer_) << error;
  }
  void TearDown() override {
    balancer_.reset();
    fs::remove_all(root_);
  }

  // Peers with these weights; the id of each is its place + 1.
  std::unique_ptr<BalancerTable> table(std::vector<std::uint32_t> weights, std::uint32_t offset = 0,
                                       const BalancerTable* previous = nullptr) {
    std::vector<Peer> peers;
    for (const std::uint32_t weight : weights) peers.push_back({peers.size() + 1, weight, "", nullptr});
    return balancer_->build(peers, previous, offset);
  }
  static std::vector<std::uint32_t> picks(BalancerTable& table, std::size_t n, const std::uint64_t* tried = nullptr) {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(table.pick(tried, 0, 0, 0));
    return out;
  }
  static std::map<std::uint32_t, int> shares(BalancerTable& table, std::size_t n,
                                             const std::uint64_t* tried = nullptr) {
    std::map<std::uint32_t, int> out;
    for (const std::uint32_t peer : picks(table, n, tried)) ++out[peer];
    return out;
  }
  using Picks = std::vector<std::uint32_t>;
  using Shares = std::map<std::uint32_t, int>;

  fs::path root_;
  net::Loop loop_;
  net::BlockingPool pool_{1};
  HostServices services_{loop_, pool_, {}};
  std::unique_ptr<Balancer> balancer_;
};

TEST_F(RoundRobin, EqualWeightsTakeTurns) {
  auto equal = table({1000, 1000, 1000});
  EXPECT_EQ(picks(*equal, 6), (Picks{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(shares(*equal, 3000), (Shares{{0, 1000}, {1, 1000}, {2, 1000}}));
}

TEST_F(RoundRobin, WeightsAreExactOverACycleAndSpreadInIt) {
  auto weighted = table({5000, 1000, 1000});
  EXPECT_EQ(picks(*weighted, 7), (Picks{0, 0, 1, 0, 2, 0, 0}));
  EXPECT_EQ(shares(*weighted, 700), (Shares{{0, 500}, {1, 100}, {2, 100}}));
  auto fine = table({1, 2500, 499});
  EXPECT_EQ(shares(*fine, 3000), (Shares{{0, 1}, {1, 2500}, {2, 499}}));
}

TEST_F(RoundRobin, WeightZeroGetsNothingUnlessAllAreZero) {
  EXPECT_EQ(shares(*table({0, 1000, 0, 1000}), 10), (Shares{{1, 5}, {3, 5}}));
  EXPECT_EQ(shares(*table({0, 0}), 10), (Shares{{0, 5}, {1, 5}}));
  const std::uint64_t tried = 0b10;
  EXPECT_EQ(picks(*table({0, 1000}), 1, &tried), Picks{kNone});
}

TEST_F(RoundRobin, TriedIsHonoured) {
  const std::uint64_t second = 0b010;
  EXPECT_EQ(shares(*table({1000, 1000, 1000}), 100, &second).count(1), 0u);
  auto weighted = table({1000, 9000, 2000});
  EXPECT_EQ(shares(*weighted, 300, &second), (Shares{{0, 100}, {2, 200}}));
  EXPECT_EQ(shares(*weighted, 1200), (Shares{{0, 100}, {1, 900}, {2, 200}})) << "it saved up no turns";
  const std::uint64_t all = 0b111;
  EXPECT_EQ(picks(*weighted, 1, &all), Picks{kNone});
  EXPECT_EQ(picks(*table({1000, 1000, 1000}), 1, &all), Picks{kNone});
}

TEST_F(RoundRobin, TriedBeyondTheFirstWord) {
  for (const std::uint32_t last_weight : {1000u, 7000u}) {
    std::vector<std::uint32_t> weights(130, 1000);
    weights.back() = last_weight;
    auto many = table(weights);
    const std::uint64_t tried[3] = {~0ull, ~0ull, 0b01};
    EXPECT_EQ(picks(*many, 3, tried), (Picks{129, 129, 129}));
  }
}

TEST_F(RoundRobin, APickAllocatesNothing) {
  const std::uint64_t tried = 0b1;
  for (const std::uint32_t weight : {1000u, 3000u}) {
    const long before = allocations;
    auto some = table({1000, weight, 1000});
    const long built = allocations;
    EXPECT_GT(built, before) << "the count does not see the plugin";
    for (int i = 0; i < 100; ++i) some->pick(i % 2 ? &tried : nullptr, 1, 2, 3);
    EXPECT_EQ(allocations, built);
  }
}

TEST_F(RoundRobin, NoPeersNoPick) {
  auto none = table({});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->pick(nullptr, 0, 0, 0), kNone);
}

TEST_F(RoundRobin, OffsetsStartApart) {
  EXPECT_EQ(picks(*table({1, 1, 1}, 1), 3), (Picks{1, 2, 0}));
  EXPECT_EQ(picks(*table({1, 1, 1}, 5), 3), (Picks{2, 0, 1}));
  EXPECT_NE(picks(*table({5, 1, 1}, 2), 7), picks(*table({5, 1, 1}, 0), 7));
  EXPECT_EQ(shares(*table({5, 1, 1}, 2), 7), (Shares{{0, 5}, {1, 1}, {2, 1}}));
}

TEST_F(RoundRobin, ANewTableGoesOnWhereTheOldOneWas) {
  auto old = table({1, 1, 1});
  picks(*old, 2);
  auto next = table({1, 1, 1, 1}, 0, old.get());
  EXPECT_EQ(picks(*next, 4), (Picks{2, 3, 0, 1}));

  auto weighted = table({3, 1, 1});
  const Picks first = picks(*weighted, 2);
  auto same = table({3, 1, 1}, 0, weighted.get());
  Picks both = picks(*same, 3);
  both.insert(both.begin(), first.begin(), first.end());
  EXPECT_EQ(both, picks(*table({3, 1, 1}), 5));
}

TEST_F(RoundRobin, ALargeCreditDoesNotOutliveASmallWeight) {
  auto old = table({4'000'000'000, 1, 1});
  picks(*old, 1);
  auto next = table({1, 2, 1}, 0, old.get());
  const Shares got = shares(*next, 400);
  EXPECT_NEAR(got.at(0), 100, 4);
  EXPECT_NEAR(got.at(1), 200, 4);
}

}  // namespace
}  // namespace mcpr::plugin
