// The life of a source, with a plugin that does what its configuration says.
#include "host/plugin/discovery_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Heard : public SourceListener {
 public:
  explicit Heard(net::Loop& loop) : loop_(loop) {}
  void on_service(const std::string& source, catalog::Service service) override {
    add(source + " service " + service.name);
    services.push_back(std::move(service));
  }
  void on_withdrawn(const std::string& source, const std::string& name) override { add(source + " withdrawn " + name); }
  void on_synced(const std::string& source) override { add(source + " synced"); }
  void on_health(const std::string& source, Health state, const std::string& text) override {
    add(source + " health " + std::string(to_string(state)) + (text.empty() ? "" : " " + text));
  }
  Lines lines;
  std::vector<catalog::Service> services;

 private:
  void add(std::string line) {
    EXPECT_TRUE(loop_.in_loop());
    lines.add(std::move(line));
  }
  net::Loop& loop_;
};

class Fetcher : public HttpFetcher {
 public:
  explicit Fetcher(Lines& lines) : lines_(lines) {}
  std::uint64_t fetch(FetchRequest request, UniqueFunction<void(FetchResult)> on_result) override {
    lines_.add(request.method + " " + request.url + " " + request.headers.at(0).first);
    waiting = std::move(on_result);
    return 42;
  }
  void cancel(std::uint64_t handle) override {
    lines_.add("cancel " + std::to_string(handle));
    waiting = nullptr;
  }
  UniqueFunction<void(FetchResult)> waiting;

 private:
  Lines& lines_;
};

class DiscoverySourceTest : public testing::Test {
 protected:
  void SetUp() override { plugin_ = load(folder_, folder_.install("scripted")); }
  void TearDown() override {
    host_->run([this] { source_.reset(); });
    if (started_) {
      EXPECT_TRUE(host_->log.wait("destroyed"));
    }
  }

  void make(DiscoverySource::Limits limits = {}) {
    heard_ = std::make_unique<Heard>(host_->loop);
    source_ = std::make_unique<DiscoverySource>(plugin_, "one", host_->services, *heard_, limits);
  }
  std::string start(const std::string& word = "") {
    if (!source_) make();
    std::string error;
    host_->run([&] {
      started_ = source_->start("{\"do\": \"" + word + "\"}", error);
      EXPECT_EQ(started_, error.empty());
    });
    return error;
  }
  std::string stop() {
    std::promise<std::string> done;
    host_->run([&] { source_->stop([&](std::string error) { done.set_value(std::move(error)); }); });
    return done.get_future().get();
  }
  std::pair<std::optional<catalog::Service>, std::string> lookup(const std::string& name) {
    std::promise<std::pair<std::optional<catalog::Service>, std::string>> done;
    host_->run([&] {
      inside_ = true;
      source_->lookup(name, [&](std::optional<catalog::Service> found, std::string error) {
        EXPECT_TRUE(host_->loop.in_loop());
        EXPECT_FALSE(inside_);
        done.set_value({std::move(found), std::move(error)});
      });
      inside_ = false;
    });
    return done.get_future().get();
  }

  Folder folder_;
  std::shared_ptr<const LoadedPlugin> plugin_;
  std::unique_ptr<Host> host_ = std::make_unique<Host>();
  std::unique_ptr<Heard> heard_;
  std::unique_ptr<DiscoverySource> source_;
  bool started_ = false;
  bool inside_ = false;  // DiscoverySource::lookup; control thread
};

TEST_F(DiscoverySourceTest, PublishesWholeServicesInOrder) {
  EXPECT_EQ(start("withdraw"), "");
  ASSERT_TRUE(heard_->lines.wait("synced"));
  host_->run([&] {
    EXPECT_THAT(heard_->lines.all(),
                ElementsAre("one service weather", "one withdrawn weather", "one health up", "one synced"));
    EXPECT_TRUE(source_->synced());
    EXPECT_EQ(source_->health().state, Health::up);
    const catalog::Service& got = heard_->services.at(0);
    EXPECT_EQ(got.description, "Forecasts");
    EXPECT_EQ(got.version, "2.1");
    EXPECT_EQ(got.protocol, "mcp-streamable");
    EXPECT_THAT(got.tags, ElementsAre("public", "eu"));
    EXPECT_THAT(got.tools,
                ElementsAre(catalog::Tool{"forecast", "of tomorrow", true}, catalog::Tool{"secret", "", false}));
    EXPECT_THAT(got.metadata, ElementsAre(std::pair<std::string, std::string>("team", "sky")));
    EXPECT_TRUE(got.options.forward_authorization);
    EXPECT_THAT(got.options.headers, ElementsAre(std::pair<std::string, std::string>("X-Key", "k")));
    catalog::Instance one;
    one.id = "a";
    one.host = "10.0.0.1";
    one.port = 8080;
    one.eras = catalog::era_handshake | catalog::era_stateless;
    one.metadata = {{"rack", "1"}, {"row", "2"}};
    catalog::Instance two;
    two.host = "10.0.0.2";
    two.port = 443;
    two.tls = true;
    two.path = "/v1?x=1";
    two.transport = catalog::Transport::sse;
    two.weight_milli = 250;
    two.healthy = two.enabled = false;
    two.zone = "z2";
    two.id = "https://10.0.0.2:443/v1?x=1";
    ASSERT_EQ(got.instances.size(), 2u);
    EXPECT_EQ(got.instances[0], one);
    EXPECT_EQ(got.instances[1], two) << got.instances[1].id;
  });
  EXPECT_TRUE(host_->log.has("metric one services"));
}

TEST_F(DiscoverySourceTest, FailingToStartSaysWhy) {
  EXPECT_EQ(start("create-throws"), "url is not set");
  source_.reset();
  EXPECT_EQ(start("start-throws"), "cannot start");
  EXPECT_TRUE(host_->log.wait("destroyed"));
  EXPECT_THAT(heard_->lines.all(), testing::IsEmpty());
}

TEST_F(DiscoverySourceTest, CreateOfACPluginFails) {
  plugin_ = load(folder_, folder_.install("create_fails"));
  EXPECT_EQ(start(), "registry.url is missing");
}

TEST_F(DiscoverySourceTest, ABalancerIsNoSource) {
  plugin_ = load(folder_, folder_.install_file(MCPR_ROUND_ROBIN));
  EXPECT_EQ(start(), "plugin round-robin is not a discovery plugin");
}

TEST_F(DiscoverySourceTest, ABadServiceIsRefusedAndTheRestGoesOn) {
  EXPECT_EQ(start("bad-service"), "");
  EXPECT_TRUE(heard_->lines.wait("service weather"));
  EXPECT_TRUE(host_->log.has("4 one: refused what the plugin published: a service without a name"));
}

TEST_F(DiscoverySourceTest, NothingIsHeardAfterStop) {
  EXPECT_EQ(start("pool-at-stop"), "");
  ASSERT_TRUE(heard_->lines.wait("synced"));
  EXPECT_EQ(stop(), "");
  EXPECT_TRUE(host_->log.has("blocking task ran")) << "destroyed before its task had run";
  EXPECT_TRUE(host_->log.has("destroyed"));
  EXPECT_FALSE(heard_->lines.has("too-late"));
  EXPECT_EQ(lookup("weather@G").second, "the source is not running");
  EXPECT_EQ(stop(), "") << "a second time";
}

TEST_F(DiscoverySourceTest, WhatWasPublishedAndNotYetHeardIsDroppedByStop) {
  make();
  std::promise<void> done;
  host_->run([&] {
    std::string error;
    started_ = source_->start("{}", error);
    source_->stop([&](const std::string&) { done.set_value(); });
  });
  done.get_future().get();
  EXPECT_THAT(heard_->lines.all(), testing::IsEmpty());
}

TEST_F(DiscoverySourceTest, OneThatDoesNotStopInTimeIsDestroyedLater) {
  DiscoverySource::Limits limits;
  limits.stop = std::chrono::milliseconds(10);
  make(limits);
  EXPECT_EQ(start("stop-late"), "");
  EXPECT_EQ(stop(), "did not stop within 10 ms");
  EXPECT_FALSE(host_->log.has("destroyed"));
  host_->run([this] { source_.reset(); });
  EXPECT_TRUE(host_->log.wait("destroyed"));
}

TEST_F(DiscoverySourceTest, LooksUpByName) {
  EXPECT_EQ(start(), "");
  EXPECT_TRUE(source_->can_look_up());
  EXPECT_EQ(lookup("weather@G").first->instances.size(), 2u);
  EXPECT_EQ(lookup("later@G").first->name, "weather");
  EXPECT_EQ(lookup("nowhere@G").second, "no such group");
  EXPECT_EQ(lookup("throw@G").second, "the registry said no");
  EXPECT_EQ(lookup("drop@G").second, "the plugin dropped the request without an answer");
}

TEST_F(DiscoverySourceTest, ALookUpEndsByItsLimitOrByStop) {
  DiscoverySource::Limits limits;
  limits.answer = std::chrono::milliseconds(5);
  make(limits);
  EXPECT_EQ(start(), "");
  EXPECT_EQ(lookup("never@G").second, "the look-up of never@G was not answered within 5 ms");
  host_->run([this] { source_.reset(); });
  ASSERT_TRUE(host_->log.wait("destroyed"));

  make();
  EXPECT_EQ(start(), "");
  std::promise<std::string> ended;
  host_->run([&] { source_->lookup("never@G", [&](auto, std::string error) { ended.set_value(std::move(error)); }); });
  EXPECT_EQ(stop(), "");
  EXPECT_FALSE(ended.get_future().get().empty());
}

TEST_F(DiscoverySourceTest, Announces) {
  EXPECT_EQ(start(), "");
  catalog::Instance instance;
  instance.host = "h";
  instance.port = 1;
  instance.metadata = {{"k", "v"}};
  catalog::Service service;
  service.name = "weather";
  service.instances = {instance};
  std::promise<std::string> done;
  host_->run([&] {
    EXPECT_TRUE(source_->can_announce());
    source_->announce(service, false, [&](std::string error) { done.set_value(std::move(error)); });
  });
  EXPECT_EQ(done.get_future().get(), "");
  EXPECT_TRUE(host_->log.has("2 one: announce weather h:1 v down"));
}

TEST_F(DiscoverySourceTest, TheHostServesTimersPoolAndDescriptors) {
  for (const char* word : {"timer", "pool", "pipe"}) {
    EXPECT_EQ(start(word), "");
    EXPECT_TRUE(heard_->lines.wait(std::string("service from-") + word));
    EXPECT_EQ(stop(), "");
    source_.reset();
  }
}

TEST_F(DiscoverySourceTest, WhatATaskThrowsIsLogged) {
  EXPECT_EQ(start("post-throws"), "");
  EXPECT_TRUE(host_->log.wait("4 one: exception: in a task"));
}

TEST_F(DiscoverySourceTest, ASlowCallIsLoggedWithTheSource) {
  host_ = std::make_unique<Host>(nullptr, std::chrono::milliseconds(10));
  EXPECT_EQ(start("slow"), "");
  EXPECT_TRUE(host_->log.has("3 one: start took "));
}

TEST_F(DiscoverySourceTest, HttpGoesThroughTheHostsClient) {
  Lines lines;
  Fetcher fetcher(lines);
  host_ = std::make_unique<Host>(&fetcher);
  EXPECT_EQ(start("http"), "");
  EXPECT_TRUE(lines.has("GET http://registry/list accept"));
  host_->run([&] { fetcher.waiting({FetchResult::Failure::none, "", 207, {{"x", "header"}}, "body"}); });
  EXPECT_TRUE(heard_->lines.wait("health degraded 207 header body"));
  EXPECT_EQ(stop(), "");
  EXPECT_FALSE(lines.has("cancel"));
  source_.reset();

  EXPECT_EQ(start("http"), "");
  EXPECT_EQ(stop(), "");
  EXPECT_TRUE(lines.has("cancel 42")) << "a request under way ends with its source";
  host_->run([this] { source_.reset(); });
}

TEST_F(DiscoverySourceTest, WithoutAnHttpClientThePluginIsTold) {
  EXPECT_EQ(start("http"), "http: this host has no HTTP client");
}

}  // namespace
}  // namespace mcpr::plugin::test
