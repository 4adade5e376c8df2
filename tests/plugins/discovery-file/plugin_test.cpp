// The real file.so on real files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/plugins/support/fake_host.hpp"

namespace mcpr::file {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::string entry(std::string name, int port) {
  return "- {name: " + name + ", url: 'http://127.0.0.1:" + std::to_string(port) + "/mcp'}\n";
}

struct FilePlugin : ::testing::Test {
  FilePlugin() {
    char name[] = "/tmp/mcpr-file-XXXXXX";
    dir = ::mkdtemp(name);
  }
  ~FilePlugin() override {
    host.stop();
    fs::remove_all(dir);
  }

  void write(const std::string& name, const std::string& text) const { std::ofstream(dir / name) << text; }
  // As careful writers do: whole, under another name, and renamed over.
  void replace(const std::string& name, const std::string& text) const {
    write(name + ".new", text);
    fs::rename(dir / (name + ".new"), dir / name);
  }
  void start(const std::string& keys) {
    ASSERT_EQ(host.start("{\"base-dir\":\"" + dir.string() + "\"," + keys + "}"), "");
    ASSERT_TRUE(host.run_until([&] { return host.synced; }));
    host.settle();
    host.events.clear();
  }
  bool sees(const std::string& event) {
    return host.run_until([&] { return std::count(host.events.begin(), host.events.end(), event) > 0; });
  }
  bool healthy(std::int32_t state) {
    return host.run_until([&] { return host.health == state; });
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& item : host.services) out.push_back(item.first);
    return out;
  }
  int port(const std::string& name) { return host.services.at(name).service.instances.at(0).port; }

  fs::path dir;
  FakeHost host{FILE_PLUGIN};
};

TEST_F(FilePlugin, Manifest) {
  EXPECT_STREQ(host.manifest().id, "file");
  EXPECT_STREQ(host.manifest().config_prefixes[0], "mcp.router.file");
  EXPECT_EQ(host.manifest().get_extension("mcpr.discovery/1x"), nullptr);
  EXPECT_EQ(host.manifest().get_extension(MCPR_EXT_BALANCER), nullptr);
}

TEST_F(FilePlugin, ServicesOfTheConfigurationAreThereAtOnce) {
  ASSERT_EQ(host.start(R"({"services":[{"name":"a","url":"https://a.example/mcp","tags":["x"],
      "headers":{"X-A":"${literal}"}},{"name":"b","endpoint":"w@G","enabled":false}]})"),
            "");
  EXPECT_TRUE(host.synced);
  EXPECT_EQ(host.health, MCPR_HEALTH_UP);
  EXPECT_THAT(host.events, ElementsAre("+a", "+b"));
  const sdk::Service& a = host.services["a"].service;
  EXPECT_EQ(a.instances.at(0).host, "a.example");
  EXPECT_TRUE(a.instances[0].tls);
  EXPECT_TRUE(a.instances[0].healthy);
  EXPECT_EQ(a.options, R"({"headers":{"X-A":"${literal}"}})") << "the router has replaced what there was to replace";
  EXPECT_EQ(host.services["b"].service.lookup, "w@G");
  EXPECT_FALSE(host.services["b"].service.enabled);
}

TEST_F(FilePlugin, WrongConfigurationIsRefused) {
  EXPECT_EQ(host.start(R"({"fiels":[]})"), "unknown key 'fiels' (did you mean 'files'?)");
  EXPECT_EQ(host.start(R"({"services":[{"name":"a","url":"http://a:0"},{"name":"b"}]})"),
            "service 'a': url: port '0' is not a number from 1 to 65535; "
            "service 'b': no address: give one of endpoint, url, urls, instances");
  EXPECT_NE(host.start("{"), "");
  EXPECT_FALSE(host.synced);
}

TEST_F(FilePlugin, OnlyWhatChangedIsPublished) {
  write("s.yml", "services:\n" + entry("a", 1) + entry("b", 2) + entry("c", 3));
  start(R"("files":["s.yml"])");
  EXPECT_THAT(names(), ElementsAre("a", "b", "c"));
  write("s.yml", "services:\n" + entry("a", 1) + entry("b", 22) + entry("d", 4));
  ASSERT_TRUE(sees("-c"));
  EXPECT_THAT(host.events, ElementsAre("+b", "+d", "-c")) << "new ones first";
  EXPECT_EQ(port("b"), 22);
  host.events.clear();
  // The same services, written otherwise, and a touch.
  replace("s.yml", "# a comment\nservices:\n" + entry("d", 4) + entry("b", 22) + entry("a", 1));
  ::utimensat(AT_FDCWD, (dir / "s.yml").c_str(), nullptr, 0);
  host.settle();
  EXPECT_THAT(host.events, IsEmpty());
}

TEST_F(FilePlugin, ABrokenChangeKeepsTheLastGoodState) {
  write("s.yml", "services:\n" + entry("a", 1));
  write("t.yml", "services:\n" + entry("b", 2));
  start(R"("files":["s.yml","t.yml"])");
  EXPECT_EQ(host.health, MCPR_HEALTH_UP);
  write("s.yml", "services:\n" + entry("a", 1) + "- {name: c, url: 'http://c:0/'}\n");
  ASSERT_TRUE(healthy(MCPR_HEALTH_DEGRADED));
  const std::string what =
      (dir / "s.yml").string() + ":3:18: service 'c': url: port '0' is not a number from 1 to 65535";
  EXPECT_EQ(host.health_text, what + " (the file's change is not applied)");
  EXPECT_THAT(host.log, Contains("E " + what));
  EXPECT_THAT(host.events, IsEmpty());
  // Applied whole: the good change of another file waits too.
  write("t.yml", "services:\n" + entry("b", 22));
  host.settle();
  EXPECT_THAT(host.events, IsEmpty());
  EXPECT_EQ(std::count(host.log.begin(), host.log.end(), "E " + what), 1) << "said once";
  write("s.yml", "services:\n" + entry("a", 11));
  ASSERT_TRUE(healthy(MCPR_HEALTH_UP));
  EXPECT_THAT(host.events, ElementsAre("+a", "+b"));
  EXPECT_EQ(port("b"), 22);
  EXPECT_EQ(host.health_text, "");
}

TEST_F(FilePlugin, SyntaxErrorsHaveAPlace) {
  write("s.yml", "services: []\n");
  start(R"("files":["s.yml"])");
  write("s.yml", "services:\n  - {name: a\n");
  ASSERT_TRUE(healthy(MCPR_HEALTH_DEGRADED));
  EXPECT_THAT(host.health_text, HasSubstr("s.yml:3:1: "));
}

TEST_F(FilePlugin, AnEmptiedFileIsTakenAsBeingWritten) {
  write("s.yml", "services:\n" + entry("a", 1));
  start(R"("files":["s.yml"])");
  write("s.yml", "");
  ASSERT_TRUE(healthy(MCPR_HEALTH_DEGRADED));
  EXPECT_THAT(host.events, IsEmpty());
  write("s.yml", "services: []\n");
  ASSERT_TRUE(healthy(MCPR_HEALTH_UP));
  EXPECT_THAT(host.events, ElementsAre("-a"));
}

TEST_F(FilePlugin, BrokenAtTheStartTheOtherFilesAreUsed) {
  write("bad.yml", "services: [\n");
  write("good.yml", "services:\n" + entry("a", 1));
  start(R"("files":["bad.yml","good.yml"])");
  EXPECT_THAT(names(), ElementsAre("a"));
  EXPECT_EQ(host.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(host.health_text, HasSubstr("the file is not used"));
  write("bad.yml", "services:\n" + entry("b", 2));
  ASSERT_TRUE(healthy(MCPR_HEALTH_UP));
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(FilePlugin, RenamedOver) {
  write("s.yml", "services:\n" + entry("a", 1));
  start(R"("files":["s.yml"])");
  for (int port_now = 2; port_now < 6; ++port_now) {
    replace("s.yml", "services:\n" + entry("a", port_now));
    ASSERT_TRUE(host.run_until([&] { return port("a") == port_now; })) << port_now;
  }
  // Editors that move the old file away and write a new one.
  fs::rename(dir / "s.yml", dir / "s.yml~");
  write("s.yml", "services:\n" + entry("a", 7));
  ASSERT_TRUE(host.run_until([&] { return port("a") == 7; }));
  EXPECT_THAT(host.events, Not(Contains("-a")));
}

TEST_F(FilePlugin, LinksSwappedAsKubernetesDoes) {
  fs::create_directory(dir / "..v1");
  write("..v1/s.yml", "services:\n" + entry("a", 1));
  fs::create_directory_symlink("..v1", dir / "..data");
  fs::create_symlink("..data/s.yml", dir / "s.yml");
  start(R"("files":["s.yml"])");
  for (int version = 2; version < 5; ++version) {
    const std::string folder = "..v" + std::to_string(version);
    fs::create_directory(dir / folder);
    write(folder + "/s.yml", "services:\n" + entry("a", version));
    fs::create_directory_symlink(folder, dir / "..data_tmp");
    fs::rename(dir / "..data_tmp", dir / "..data");
    fs::remove_all(dir / ("..v" + std::to_string(version - 1)));
    ASSERT_TRUE(host.run_until([&] { return port("a") == version; })) << version;
  }
  EXPECT_THAT(host.events, Not(Contains("-a")));
}

TEST_F(FilePlugin, AFolderOfLinksSwappedAsKubernetesDoes) {
  fs::create_directories(dir / "conf/..v1");
  write("conf/..v1/s.yml", "services:\n" + entry("a", 1));
  fs::create_directory_symlink("..v1", dir / "conf/..data");
  fs::create_symlink("..data/s.yml", dir / "conf/s.yml");
  start(R"("folder":"conf")");
  fs::create_directory(dir / "conf/..v2");
  write("conf/..v2/s.yml", "services:\n" + entry("a", 2));
  fs::create_directory_symlink("..v2", dir / "conf/..data_tmp");
  fs::rename(dir / "conf/..data_tmp", dir / "conf/..data");
  ASSERT_TRUE(host.run_until([&] { return port("a") == 2; }));
}

TEST_F(FilePlugin, ALinkToAFolderElsewhere) {
  fs::create_directories(dir / "releases/1");
  fs::create_directories(dir / "releases/2");
  write("releases/1/s.yml", "services:\n" + entry("a", 1));
  write("releases/2/s.yml", "services:\n" + entry("a", 2));
  fs::create_directory_symlink(dir / "releases/1", dir / "current");
  start(R"("files":["current/s.yml"])");
  fs::create_directory_symlink(dir / "releases/2", dir / "next");
  fs::rename(dir / "next", dir / "current");
  ASSERT_TRUE(host.run_until([&] { return port("a") == 2; }));
  write("releases/2/s.yml", "services:\n" + entry("a", 3));
  ASSERT_TRUE(host.run_until([&] { return port("a") == 3; }));
}

TEST_F(FilePlugin, AFolderAboveIsMovedAway) {
  fs::create_directories(dir / "etc/mcpr");
  fs::create_directories(dir / "new/mcpr");
  write("etc/mcpr/s.yml", "services:\n" + entry("a", 1));
  write("new/mcpr/s.yml", "services:\n" + entry("a", 2));
  start(R"("files":["etc/mcpr/s.yml"])");
  fs::rename(dir / "etc", dir / "old");
  fs::rename(dir / "new", dir / "etc");
  ASSERT_TRUE(host.run_until([&] { return port("a") == 2; }));
}

TEST_F(FilePlugin, ARemovedFileTakesItsServicesAndIsMissed) {
  write("s.yml", "services:\n" + entry("a", 1));
  write("t.yml", "services:\n" + entry("b", 2));
  start(R"("files":["s.yml","t.yml"])");
  fs::remove(dir / "s.yml");
  ASSERT_TRUE(sees("-a"));
  EXPECT_EQ(host.health, MCPR_HEALTH_DEGRADED);
  EXPECT_EQ(host.health_text, (dir / "s.yml").string() + ": not there");
  EXPECT_THAT(names(), ElementsAre("b"));
  write("s.yml", "services:\n" + entry("a", 3));
  ASSERT_TRUE(healthy(MCPR_HEALTH_UP));
  EXPECT_EQ(port("a"), 3);
}

TEST_F(FilePlugin, AFileInAFolderThatIsNotThereYet) {
  start(R"("files":["x/y/s.yml"],"folders":["z"])");
  EXPECT_EQ(host.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(host.health_text, HasSubstr("x/y/s.yml: not there, and 1 more"));
  EXPECT_THAT(host.log, Contains("W " + (dir / "z").string() + ": not there"));
  fs::create_directories(dir / "x/y");
  write("x/y/s.yml", "services:\n" + entry("a", 1));
  ASSERT_TRUE(sees("+a"));
  fs::create_directories(dir / "z");
  write("z/more.json", R"({"services": [{"name": "b", "url": "http://b/mcp"}]})");
  ASSERT_TRUE(sees("+b"));
  EXPECT_EQ(host.health, MCPR_HEALTH_UP);
}

TEST_F(FilePlugin, Folder) {
  fs::create_directory(dir / "d");
  write("d/20.yml", "services:\n" + entry("a", 20));
  write("d/10.yaml", "services:\n" + entry("a", 10) + entry("b", 10));
  write("d/notes.txt", "nothing of ours\n");
  write("d/.hidden.yml", "services: [\n");
  start(R"("folder":"d")");
  EXPECT_EQ(port("a"), 10) << "the first by name";
  EXPECT_THAT(host.log, ElementsAre("W " + (dir / "d/20.yml").string() +
                                    ":2:3: service 'a' is not used: it is given before, at " +
                                    (dir / "d/10.yaml").string() + ":2:3"));
  fs::remove(dir / "d/10.yaml");
  ASSERT_TRUE(sees("-b"));
  EXPECT_THAT(host.events, ElementsAre("+a", "-b")) << "the second takes over";
  EXPECT_EQ(port("a"), 20);
  EXPECT_EQ(host.health, MCPR_HEALTH_UP) << "a file of a folder may go";
  write("d/30.json", R"({"mcpServers": {"c": {"url": "http://c:30/mcp"}}})");
  ASSERT_TRUE(sees("+c"));
}

TEST_F(FilePlugin, McpServersFiles) {
  write("mcp.json", R"({"mcpServers": {"web": {"url": "http://w:1/sse"}, "local": {"command": "npx"}}})");
  start(R"("mcp-servers":["mcp.json"])");
  EXPECT_THAT(names(), ElementsAre("local", "web"));
  EXPECT_EQ(host.services["web"].service.instances.at(0).transport, MCPR_TRANSPORT_SSE);
  EXPECT_EQ(host.services["local"].service.unroutable, "stdio servers are not supported yet");
  EXPECT_THAT(host.log, ElementsAre(HasSubstr("mcp.json:1:51: server 'local': stdio servers are not supported yet")));
  write("mcp.json", R"({"mcpServers": {"web": {"url": "http://w:2/sse"}, "local": {"command": "npx"}}})");
  ASSERT_TRUE(sees("+web"));
  EXPECT_THAT(host.events, ElementsAre("+web"));
  EXPECT_EQ(host.log.size(), 1u) << "said once";
}

TEST_F(FilePlugin, TheConfigurationGoesBeforeTheFiles) {
  write("s.yml", "services:\n" + entry("a", 1) + entry("b", 1));
  start(R"("services":[{"name":"a","url":"http://a:9/"}],"files":["s.yml"])");
  EXPECT_EQ(port("a"), 9);
  EXPECT_EQ(port("b"), 1);
  EXPECT_THAT(host.log, ElementsAre(HasSubstr("given before, in the router's configuration")));
}

TEST_F(FilePlugin, WhatIsNoPlainFile) {
  fs::create_directory(dir / "s.yml");
  ASSERT_EQ(::mkfifo((dir / "t.yml").c_str(), 0600), 0);
  start(R"("files":["s.yml","t.yml"])");
  EXPECT_EQ(host.health, MCPR_HEALTH_DEGRADED);
  EXPECT_THAT(host.log, UnorderedElementsAre("E " + (dir / "s.yml").string() + ": is not a plain file",
                                             "E " + (dir / "t.yml").string() + ": is not a plain file"));
}

TEST_F(FilePlugin, APoolThatIsFullIsAskedAgain) {
  write("s.yml", "services:\n" + entry("a", 1));
  host.no_pool = true;
  ASSERT_EQ(host.start("{\"files\":[\"" + (dir / "s.yml").string() + "\"]}"), "");
  EXPECT_FALSE(host.synced);
  host.no_pool = false;
  ASSERT_TRUE(host.run_until([&] { return host.synced; }));
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(FilePlugin, StoppedInTheMiddleItSaysNothingMore) {
  write("s.yml", "services:\n" + entry("a", 1));
  ASSERT_EQ(host.start("{\"files\":[\"" + (dir / "s.yml").string() + "\"]}"), "");
  host.stop();  // the load is on its way; all is checked in stop
  EXPECT_THAT(host.events, IsEmpty());
  EXPECT_FALSE(host.synced);
}

}  // namespace
}  // namespace mcpr::file
