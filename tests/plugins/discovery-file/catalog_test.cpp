// From files to the catalog: file.so, loaded and run by the router's own parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "host/catalog/merge.hpp"
#include "host/plugin/discovery_source.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr {
namespace {

using plugin::DiscoverySource;
using ::testing::HasSubstr;

// Does what the control thread does with what sources say: one commit for each event.
class Feed : public plugin::SourceListener {
 public:
  void add(const std::string& source) { ids_[source] = merge.add_source(source); }
  void on_service(const std::string& source, catalog::Service service) override {
    merge.publish(ids_.at(source), std::make_shared<const catalog::Service>(std::move(service)));
    commit();
  }
  void on_withdrawn(const std::string& source, const std::string& name) override {
    merge.withdraw(ids_.at(source), name);
    commit();
  }
  void on_synced(const std::string& source) override { lines.add(source + " synced"); }
  void on_health(const std::string& source, plugin::Health state, const std::string& text) override {
    lines.add(source + " " + std::string(to_string(state)) + " " + text);
  }

  catalog::Merge merge;
  plugin::test::Lines lines;  // each catalog as "[a@first:1 b@second:2]"

 private:
  void commit() {
    const auto result = merge.commit();
    for (const auto& s : result.shadowed) lines.add(s.service + " of " + s.unused + " is hidden by " + s.used);
    if (!result.changed) return;
    std::string line = "[";
    for (const catalog::Entry& e : result.catalog->entries()) {
      line += (line.size() > 1 ? " " : "") + e.service->name + "@" + *e.source;
      if (!e.service->instances.empty()) line += ":" + std::to_string(e.service->instances[0].port);
    }
    lines.add(line + "]");
  }

  std::map<std::string, catalog::Merge::SourceId> ids_;
};

struct FileToCatalog : ::testing::Test {
  void SetUp() override {
    plugin_ = plugin::test::load(folder_, folder_.install(std::string("file")));
    ASSERT_TRUE(plugin_);
  }
  void TearDown() override {
    for (const auto& source : sources_) {
      std::promise<std::string> done;
      host_.run([&] { source->stop([&](std::string error) { done.set_value(std::move(error)); }); });
      EXPECT_EQ(done.get_future().get(), "");
      host_.run([] {});  // the callback has returned
    }
    host_.run([this] { sources_.clear(); });
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_.root() / name) << text; }
  void start(const std::string& source, const std::string& file) {
    host_.run([&] {
      feed_.add(source);
      sources_.push_back(std::make_unique<DiscoverySource>(plugin_, source, host_.services, feed_));
      std::string error;
      EXPECT_TRUE(sources_.back()->start("{\"files\":[\"" + (folder_.root() / file).string() + "\"]}", error)) << error;
    });
    ASSERT_TRUE(feed_.lines.wait(source + " synced"));
  }

  plugin::test::Folder folder_;
  std::shared_ptr<const plugin::LoadedPlugin> plugin_;
  Feed feed_;
  plugin::test::Host host_;
  std::vector<std::unique_ptr<DiscoverySource>> sources_;
};

TEST_F(FileToCatalog, TwoSourcesAndATakeover) {
  write("s.yml", "services: [{name: a, url: 'http://h:1', headers: {X-A: b}, timeouts: {response: 2s}}]\n");
  write("t.yml", "services: [{name: a, url: 'http://h:2'}, {name: b, url: 'http://h:2/sse'}]\n");
  start("first", "s.yml");
  start("second", "t.yml");
  ASSERT_TRUE(feed_.lines.wait("[a@first:1 b@second:2]"));
  ASSERT_TRUE(feed_.lines.wait("a of second is hidden by first"));
  host_.run([&] {
    const auto& catalog = *feed_.merge.catalog();
    const catalog::Service& a = *catalog.find("a")->service;
    EXPECT_EQ(a.options.headers, (catalog::KeyValues{{"X-A", "b"}}));
    EXPECT_EQ(a.options.timeouts.response, std::chrono::seconds(2));
    EXPECT_EQ(catalog.find("b")->service->instances.at(0).transport, catalog::Transport::sse);
    EXPECT_EQ(why_not_routable(a), "");
  });
  write("s.yml", "services: [{name: c, url: 'http://h:3'}]\n");
  ASSERT_TRUE(feed_.lines.wait("[a@second:2 b@second:2 c@first:3]"));
  for (const std::string& line : feed_.lines.all()) {
    if (line.front() == '[') {
      EXPECT_THAT(line, HasSubstr("a@")) << "never without it";
    }
  }
}

TEST_F(FileToCatalog, ABrokenFileIsSeenInHealthAndChangesNothing) {
  write("s.yml", "services: [{name: a, url: 'http://h:1'}]\n");
  start("first", "s.yml");
  write("s.yml", "services: [{name: a, url: 'http://h:x'}]\n");
  ASSERT_TRUE(feed_.lines.wait("s.yml:1:27: service 'a': url: port 'x' is not a number from 1 to 65535"));
  host_.run([&] { EXPECT_EQ(feed_.merge.catalog()->find("a")->service->instances.at(0).port, 1); });
  write("s.yml", "services: [{name: a, url: 'http://h:7'}]\n");
  ASSERT_TRUE(feed_.lines.wait("[a@first:7]"));
}

}  // namespace
}  // namespace mcpr
