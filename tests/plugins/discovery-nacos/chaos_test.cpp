// Whatever happens, and in whatever order: once Nacos is left alone, what is published is what is there.
#include <random>

#include "bench.hpp"

namespace mcpr::nacos::test {
namespace {

constexpr int kServers = 8;
constexpr int kSteps = 60;

class Chaos {
 public:
  explicit Chaos(unsigned seed) : random_(seed), bench_(options()) { bench_.sync->start(); }

  void run() {
    for (int step = 0; step < kSteps; ++step) {
      act();
      if (below(3) > 0) bench_.nacos.run();
      if (below(3) == 0) bench_.pass(Millis(below(4'000)));
    }
    calm();
    check();
  }

 private:
  static Options options() {
    Options options;
    options.groups = {{"mcp-server", true}};
    options.page_size = 3;
    return options;
  }
  int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  void act() {
    FakeNacos& nacos = bench_.nacos;
    switch (below(14)) {
      case 0:
      case 1:
      case 2: return put();
      case 3:
      case 4: return remove();
      case 5: return move();
      case 6: return connected_ ? disconnect() : connect();
      case 7: nacos.http_up = !nacos.http_up; return;
      case 8: nacos.watch_limit = below(2) ? 3 : 500; return;
      case 9: return toggle("ConfigQueryRequest");
      case 10: return toggle("SubscribeServiceRequest");
      case 11: return toggle("ConfigBatchListenRequest");
      case 12: return toggle("/v3/admin/ai/mcp");
      default: return plain();
    }
  }

  void put() {
    const int i = below(kServers);
    FakeServer server = numbered(i);
    server.tools = below(2);
    server.version = std::to_string(below(3)) + ".0";
    server.description = std::to_string(++count_);
    server.enabled = below(4) > 0;
    publish(bench_.nacos, server, {{.port = 9'000 + below(3)}});
    servers_[i] = server;
  }
  void remove() {
    const auto at = servers_.find(below(kServers));
    if (at == servers_.end()) return;
    unpublish(bench_.nacos, at->second);
    servers_.erase(at);
  }
  void move() {
    const auto at = servers_.find(below(kServers));
    if (at == servers_.end()) return;
    const ServiceKey key{"public", "mcp-endpoints", at->second.name + "::" + at->second.version};
    std::vector<FakeHost> hosts(static_cast<std::size_t>(below(3)));
    for (FakeHost& host : hosts) host.port = 9'000 + below(3);
    bench_.nacos.set_hosts(key, hosts);
  }
  void plain() {
    const ServiceKey key{"public", "mcp-server", "plain-" + std::to_string(below(3))};
    if (below(3) == 0) {
      bench_.nacos.remove_service(key);
    } else {
      bench_.nacos.set_hosts(key, {{.port = 9'100 + below(3)}});
    }
  }
  void connect() {
    bench_.nacos.connect();
    connected_ = true;
  }
  void disconnect() {
    bench_.nacos.disconnect();
    connected_ = false;
  }
  void toggle(const std::string& what) {
    if (bench_.nacos.refuse.erase(what) == 0) bench_.nacos.refuse[what] = below(2) ? 500 : 403;
  }

  void calm() {
    bench_.nacos.refuse.clear();
    bench_.nacos.http_up = true;
    if (below(2)) bench_.nacos.watch_limit = 500;
    const bool push = below(3) > 0;
    if (push && !connected_) connect();
    if (!push && connected_) disconnect();
    bench_.pass(Millis(100'000));
  }

  void check() {
    std::map<std::string, Places> expected;
    for (const auto& [i, server] : servers_) {
      const auto& hosts = bench_.nacos.services[{"public", "mcp-endpoints", server.name + "::" + server.version}];
      std::set<std::string> places;
      for (const FakeHost& host : hosts) places.insert("127.0.0.1:" + std::to_string(host.port) + "/mcp");
      expected[server.name] = {places.begin(), places.end()};
    }
    for (const auto& [key, hosts] : bench_.nacos.services) {
      if (key.group == "mcp-server") expected[key.name] = {"127.0.0.1:" + std::to_string(hosts.at(0).port) + "/sse"};
    }
    std::map<std::string, Places> shown;
    for (const auto& item : bench_.shown) {
      shown[item.first] = bench_.places(item.first);
      std::sort(shown[item.first].begin(), shown[item.first].end());
    }
    EXPECT_EQ(shown, expected);
    for (const auto& [i, server] : servers_) {
      const sdk::Service& service = bench_.shown[server.name];
      EXPECT_EQ(service.description, server.description) << server.name;
      EXPECT_EQ(service.version, server.version) << server.name;
      EXPECT_EQ(service.enabled, server.enabled) << server.name;
      EXPECT_EQ(service.tools.size(), server.tools ? 2U : 0U) << server.name;
    }
    EXPECT_TRUE(bench_.synced);
    if (connected_) {
      EXPECT_EQ(bench_.health_text, "");
    }
  }

  std::mt19937 random_;
  Bench bench_;
  bool connected_ = false;
  int count_ = 0;
  std::map<int, FakeServer> servers_;
};

TEST(Chaos, WhatIsPublishedIsWhatIsThere) {
  for (unsigned seed = 1; seed <= 100 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos(seed).run();
  }
}

}  // namespace
}  // namespace mcpr::nacos::test
