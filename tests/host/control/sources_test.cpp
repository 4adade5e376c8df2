// Sources with real plugins: one version takes over from another, and what runs goes on where it cannot.
#include "host/control/sources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "host/util/log.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::control {
namespace {

using plugin::test::Folder;
using plugin::test::Host;
using plugin::test::Lines;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

class SourcesTest : public testing::Test {
 protected:
  void SetUp() override {
    host_.run([&] {
      sources_ = std::make_unique<Sources>(
          host_.services,
          [this](const catalog::CatalogPtr& catalog) {
            std::string names;
            for (const catalog::Entry& at : catalog->entries()) names += " " + at.service->name;
            lines_.add("catalog" + names);
          },
          [this] { lines_.add("takeover"); });
      sources_->set_takeover_timeout(20s);
    });
  }
  void TearDown() override {
    std::promise<void> stopped;
    host_.run([&] { sources_->stop([&] { stopped.set_value(); }); });
    stopped.get_future().wait();
    host_.run([&] { sources_.reset(); });
  }

  std::shared_ptr<const plugin::LoadedPlugin> load(const std::string& version) {
    plugin::PluginInfo info;
    auto out =
        plugin::LoadedPlugin::open(plugin::examine(folder_.install_version(version), folder_.options()), shelf_, info);
    EXPECT_TRUE(out) << info.reason;
    return out;
  }
  std::vector<std::string> plan(const std::shared_ptr<const plugin::LoadedPlugin>& plugin,
                                const std::string& config = "{}", bool optional = false) {
    std::vector<std::string> out;
    host_.run([&] { out = sources_->plan({{"main", "versioned", optional, config, plugin}}, {}); });
    return out;
  }
  template <class F>
  auto ask(F f) {
    decltype(f()) out{};
    host_.run([&] { out = f(); });
    return out;
  }
  Sources::Usage usage(const std::shared_ptr<const plugin::LoadedPlugin>& plugin) {
    return ask([&] { return sources_->usage(*plugin); });
  }
  boost::json::object described() {
    return ask([&] { return sources_->describe(); }).as_array().at(0).as_object();
  }
  std::string description(const std::string& service) {
    return ask([&] { return sources_->catalog()->find(service)->service->description; });
  }
  // Each that differs from the one before.
  std::vector<std::string> catalogs() const {
    std::vector<std::string> out;
    for (const std::string& line : lines_.all()) {
      if (line.starts_with("catalog ") && (out.empty() || out.back() != line)) out.push_back(line);
    }
    return out;
  }

  Lines log_;
  log::Capture capture_{[this](log::Level, std::string_view, std::string_view text) { log_.add(std::string(text)); }};
  Folder folder_;
  Lines lines_;
  Host host_;
  std::shared_ptr<plugin::Shelf> shelf_ = std::make_shared<plugin::Shelf>();
  std::unique_ptr<Sources> sources_;
};

TEST_F(SourcesTest, ANewVersionTakesOverInOneStep) {
  const auto one = load("one"), two = load("two");
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(two);
  ASSERT_TRUE(lines_.wait("takeover"));
  EXPECT_TRUE(log_.wait("takes over from 1.0"));
  EXPECT_TRUE(log_.has("with 2 services, 1 new, 1 gone, 1 changed"));
  EXPECT_THAT(catalogs(), ElementsAre("catalog alpha beta", "catalog alpha gamma"));
  EXPECT_EQ(description("alpha"), "of two alpha");
  EXPECT_EQ(usage(two).running, 1u);
  EXPECT_FALSE(ask([&] { return sources_->uses(*one); }));
  EXPECT_TRUE(host_.log.wait("main: stopping 1.0"));
  EXPECT_EQ(described().at("version"), "2.0");
}

TEST_F(SourcesTest, NothingChangesWhereTheNewVersionSaysTheSame) {
  plan(load("one"));
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  const auto before = ask([&] { return sources_->catalog(); });
  plan(load("one"));
  ASSERT_TRUE(lines_.wait("takeover"));
  EXPECT_TRUE(log_.has("with 2 services, 0 new, 0 gone, 0 changed"));
  EXPECT_EQ(ask([&] { return sources_->catalog(); }), before);
}

TEST_F(SourcesTest, TheSamePlanIsNothingNew) {
  const auto one = load("one");
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(one);
  EXPECT_EQ(usage(one).running, 1u);
  EXPECT_FALSE(host_.log.has("stopping"));
}

TEST_F(SourcesTest, OneThatStaysSilentIsGivenUp) {
  const auto one = load("one"), silent = load("silent");
  host_.run([&] { sources_->set_takeover_timeout(50ms); });
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(silent);
  EXPECT_EQ(usage(silent).pending, 1u);
  ASSERT_TRUE(lines_.wait("takeover"));
  EXPECT_EQ(usage(silent).pending, 0u);
  EXPECT_THAT(usage(silent).failure, HasSubstr("version 4.0"));
  EXPECT_THAT(usage(silent).failure, HasSubstr("did not say that it has published everything for 50 ms"));
  EXPECT_THAT(catalogs(), ElementsAre("catalog alpha beta"));
  EXPECT_TRUE(ask([&] { return sources_->degraded(); }));
  EXPECT_TRUE(host_.log.wait("main: stopping 4.0"));
  EXPECT_FALSE(host_.log.has("stopping 1.0"));
  plan(one);  // as it is
  EXPECT_FALSE(ask([&] { return sources_->degraded(); }));
}

TEST_F(SourcesTest, OneThatIsDownIsGivenUp) {
  const auto one = load("one"), down = load("down");
  host_.run([&] { sources_->set_takeover_timeout(50ms); });
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(down);
  ASSERT_TRUE(lines_.wait("takeover"));
  EXPECT_THAT(usage(down).failure, HasSubstr("down, nobody answers"));
  EXPECT_THAT(catalogs(), ElementsAre("catalog alpha beta"));
}

TEST_F(SourcesTest, OneThatCannotStartLeavesTheOldOne) {
  const auto one = load("one"), failing = load("start_fails");
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  EXPECT_THAT(plan(failing), ElementsAre(HasSubstr("the registry has moved; the instance that runs goes on")));
  EXPECT_THAT(usage(failing).failure, HasSubstr("the registry has moved"));
  EXPECT_EQ(described().at("state"), "up");
  EXPECT_EQ(ask([&] { return sources_->catalog()->entries().size(); }), 2u);
}

TEST_F(SourcesTest, APluginThatIsGoneIsDrainedAndComesBack) {
  const auto one = load("one");
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(nullptr);
  EXPECT_EQ(described().at("state"), "missing");
  EXPECT_TRUE(ask([&] { return sources_->degraded(); }));
  EXPECT_TRUE(host_.log.wait("main: stopping 1.0"));
  EXPECT_TRUE(log_.wait("2 services are withdrawn"));
  plan(load("two"));
  ASSERT_TRUE(lines_.wait("catalog alpha gamma"));
  EXPECT_FALSE(ask([&] { return sources_->degraded(); }));
  plan(nullptr, "{}", true);
  EXPECT_FALSE(ask([&] { return sources_->degraded(); })) << "it is optional";
}

TEST_F(SourcesTest, AnotherConfigurationDuringATakeoverReplacesTheSuccessor) {
  const auto one = load("one"), silent = load("silent"), two = load("two");
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(silent);
  plan(silent, R"({"port": 80})");
  EXPECT_TRUE(host_.log.wait("main: stopping 4.0"));
  EXPECT_EQ(usage(silent).pending, 1u);
  plan(two, R"({"port": 80})");
  ASSERT_TRUE(lines_.wait("catalog alpha gamma"));
  EXPECT_TRUE(host_.log.wait("main: stopping 1.0"));
}

TEST_F(SourcesTest, GoingBackDuringATakeoverKeepsWhatRuns) {
  const auto one = load("one"), silent = load("silent");
  plan(one);
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(silent);
  plan(one);
  EXPECT_TRUE(host_.log.wait("main: stopping 4.0"));
  EXPECT_FALSE(host_.log.has("stopping 1.0"));
  EXPECT_FALSE(ask([&] { return sources_->degraded(); }));
}

TEST_F(SourcesTest, ASourceThatIsConfiguredNoMoreEndsWithItsSuccessor) {
  plan(load("one"));
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(load("silent"));
  host_.run([&] { sources_->plan({}, {}); });
  EXPECT_TRUE(host_.log.wait("main: stopping 1.0"));
  EXPECT_TRUE(host_.log.wait("main: stopping 4.0"));
  EXPECT_EQ(ask([&] { return sources_->catalog()->entries().size(); }), 0u);
}

TEST_F(SourcesTest, StopDuringATakeoverEndsBoth) {
  plan(load("one"));
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(load("silent"));
  std::promise<void> stopped;
  host_.run([&] { sources_->stop([&] { stopped.set_value(); }); });
  stopped.get_future().wait();
  EXPECT_TRUE(host_.log.has("main: stopping 1.0"));
  EXPECT_TRUE(host_.log.has("main: stopping 4.0"));
}

TEST_F(SourcesTest, AfterATakeoverNothingHoldsTheOldVersion) {
  auto one = load("one");
  const std::weak_ptr watched = one;
  plan(one);
  one.reset();
  ASSERT_TRUE(lines_.wait("catalog alpha beta"));
  plan(load("two"));
  ASSERT_TRUE(lines_.wait("takeover"));
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!watched.expired() && std::chrono::steady_clock::now() < end) host_.run([] {});
  ASSERT_TRUE(watched.expired());
  const auto cleared = ask([&] { return shelf_->clear(); });
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_EQ(cleared[0].state, plugin::PluginState::unmapped) << cleared[0].reason;
}

}  // namespace
}  // namespace mcpr::control
