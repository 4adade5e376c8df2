// What is refused, with which words; and that a refused file disturbs nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string reason(const Folder& folder, const fs::path& file, bool strict = true) {
  PluginInfo info;
  const auto plugin = LoadedPlugin::load(file, folder.options(strict), info);
  EXPECT_FALSE(plugin);
  EXPECT_EQ(info.state, PluginState::refused);
  return info.reason;
}

TEST(Loader, ReadsTheManifest) {
  const Folder folder;
  PluginInfo info;
  const auto plugin = LoadedPlugin::load(folder.install("scripted"), folder.options(), info);
  ASSERT_TRUE(plugin) << info.reason;
  EXPECT_EQ(info.id, "scripted");
  EXPECT_EQ(info.version, "0.1");
  EXPECT_THAT(info.kinds, ElementsAre("discovery", "command"));
  EXPECT_THAT(info.aliases, ElementsAre("script"));
  EXPECT_THAT(info.config_prefixes, ElementsAre("spring.scripted"));
  EXPECT_EQ(info.config_schema, R"({"type": "object"})");
  EXPECT_EQ(info.vendor, "tests");
  EXPECT_TRUE(info.unloadable);
  EXPECT_EQ(info.state, PluginState::loaded);
  EXPECT_TRUE(info.reason.empty());
  EXPECT_THAT(info.warnings, IsEmpty());
  EXPECT_TRUE(plugin->discovery());
  EXPECT_FALSE(plugin->balancer());
}

TEST(Loader, RefusesWithTheReason) {
  const Folder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"not_elf", "is not an ELF file"},
      {"other_machine", "is built for s390, this machine is"},
      {"no_symbol", "does not export mcpr_plugin_abi1"},
      {"abi2", "exports mcpr_plugin_abi2, this router needs mcpr_plugin_abi1"},
      {"missing_library",
       "cannot be loaded: libmcpr_gone.so: cannot open shared object file: No such file or directory; "
       "install the library that is missing"},
      {"short_struct_size", "struct_size 24, less than the 88"},
      {"bad_id", "the id 'Bad Id', which is not [a-z0-9-]+"},
      {"bad_schema", "config_schema is not a JSON object"},
      {"no_extension", "offers neither mcpr.discovery/1 nor mcpr.balancer/1 nor mcpr.command/1"},
      {"nameless_command", "its command has the name 'Two Words', which is not [a-z0-9-]+"},
  };
  for (const auto& [name, text] : cases) {
    EXPECT_THAT(reason(folder, folder.install(name)), HasSubstr(text)) << name;
  }
  EXPECT_TRUE(fs::is_empty(folder.runtime())) << "copies of what was refused are left";
}

TEST(Loader, RefusesWhatIsNoPlainFile) {
  const Folder folder;
  const fs::path real = folder.install("scripted");
  const fs::path link = folder.plugins() / "link.so";
  fs::create_symlink(real, link);
  EXPECT_THAT(reason(folder, link), HasSubstr("is a symbolic link"));
  EXPECT_THAT(reason(folder, link), HasSubstr("cp --remove-destination \"$(readlink -f '" + link.string() + "')\""));
  const fs::path fifo = folder.plugins() / "fifo.so";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(reason(folder, fifo), "is not a plain file");
  fs::create_directory(folder.plugins() / "dir.so");
  EXPECT_EQ(reason(folder, folder.plugins() / "dir.so"), "is not a plain file");
  EXPECT_EQ(reason(folder, folder.plugins() / "gone.so"), "cannot be opened: No such file or directory");
  std::ofstream(folder.plugins() / "empty.so") << "";
  EXPECT_EQ(reason(folder, folder.plugins() / "empty.so"), "is not an ELF file");
}

TEST(Loader, RefusesBrokenElfTables) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  fs::resize_file(file, 4096);
  EXPECT_THAT(reason(folder, file), HasSubstr("is an ELF file that is broken or cut off"));
  fs::resize_file(file, 64);
  EXPECT_THAT(reason(folder, file), HasSubstr("is an ELF file that is broken or cut off"));
}

TEST(Permissions, AFileThatOthersCanWrite) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  ::chmod(file.c_str(), 0664);
  EXPECT_EQ(reason(folder, file), "is not safe to load: " + file.string() +
                                      " is writable by its group (mode 0664): chmod go-w '" + file.string() + "'");
  ::chmod(file.c_str(), 0646);
  EXPECT_THAT(reason(folder, file), HasSubstr("is writable by everybody (mode 0646)"));
  PluginInfo info;
  EXPECT_TRUE(LoadedPlugin::load(file, folder.options(false), info));
  EXPECT_THAT(info.warnings, ElementsAre(HasSubstr("chmod go-w")));
}

TEST(Permissions, AFolderAboveThatOthersCanWrite) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  ::chmod(folder.root().c_str(), 0770);
  EXPECT_THAT(reason(folder, file), HasSubstr("folder " + folder.root().string() + " is writable by its group"));
  ::chmod(folder.root().c_str(), 01777);  // sticky: safe only where it is root's
  if (::geteuid() == 0) {
    EXPECT_TRUE(load(folder, file));
  } else {
    EXPECT_THAT(reason(folder, file), HasSubstr("is writable by everybody"));
  }
}

TEST(Permissions, AFolderReachedByALinkIsCheckedBothWays) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  const fs::path open = folder.root() / "open";
  fs::create_directory(open);
  fs::create_directory_symlink(folder.plugins(), open / "link");
  ::chmod(open.c_str(), 0777);
  EXPECT_THAT(reason(folder, open / "link" / "scripted.so"), HasSubstr("folder " + open.string() + " is writable"));
}

TEST(Permissions, AStrangersFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const Folder folder;
  const fs::path file = folder.install("scripted");
  ASSERT_EQ(::chown(file.c_str(), 12345, 0), 0);
  EXPECT_EQ(reason(folder, file), "is not safe to load: " + file.string() +
                                      " is owned by user id 12345, neither root nor the router's 0: chown 0 '" +
                                      file.string() + "'");
}

TEST(PrivateCopy, OverwritingTheOriginalIsHarmless) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  const auto plugin = load(folder, file);
  EXPECT_THAT(plugin->private_copy().string(), StartsWith((folder.runtime() / "scripted.").string()));
  EXPECT_THAT(plugin->private_copy().filename().string(),
              testing::MatchesRegex("scripted\\.[0-9a-f]{8}\\.[0-9]+\\.so"));
  // As cp does: into the same inode, with other bytes of the same length.
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary) << std::string(fs::file_size(file), '\xcc');
  ASSERT_TRUE(plugin->discovery());
  const mcpr_discovery_sink sink{};
  const mcpr_host table{};
  char text[64];
  mcpr_err err{text, sizeof text, 0};
  const std::string config = R"({"x": "create-throws"})";
  EXPECT_EQ(plugin->discovery()->create(&table, &sink, {config.data(), config.size()}, &err), nullptr);
  EXPECT_EQ(std::string(text, err.size), "url is not set");
  struct stat info{};
  ASSERT_EQ(::stat(folder.runtime().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
}

TEST(PrivateCopy, TwoLoadsAreTwoLibraries) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  const auto one = load(folder, file);
  const auto two = load(folder, file);
  EXPECT_NE(one->private_copy(), two->private_copy());
  EXPECT_NE(one->discovery(), two->discovery());
}

TEST(PrivateCopy, TheRuntimeFolderMustBeOurs) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  fs::create_directories(folder.runtime());
  ::chmod(folder.runtime().c_str(), 0755);
  EXPECT_EQ(reason(folder, file), "the runtime directory " + folder.runtime().string() +
                                      " is open to others: chmod 700 '" + folder.runtime().string() + "'");
}

TEST(RegistryTest, OneBadFileKeepsNoOtherFromLoading) {
  const Folder folder;
  folder.install("bad_id");
  folder.install("no_symbol");
  folder.install("scripted");
  folder.install_file(MCPR_ROUND_ROBIN);
  std::ofstream(folder.plugins() / "README") << "not looked at";
  Registry registry(folder.options());
  registry.scan();
  EXPECT_EQ(registry.problem(), "");
  std::vector<std::string> found;
  for (const PluginInfo& info : registry.list()) {
    found.push_back(info.file.filename().string() + " " + std::string(to_string(info.state)));
  }
  EXPECT_THAT(found,
              ElementsAre("bad_id.so refused", "no_symbol.so refused", "round-robin.so loaded", "scripted.so loaded"));
  ASSERT_TRUE(registry.find("round-robin"));
  EXPECT_THAT(registry.find("round-robin")->info().kinds, ElementsAre("balancer"));
  EXPECT_EQ(registry.find("script"), registry.find("scripted"));
  EXPECT_FALSE(registry.find("bad_id"));
}

TEST(RegistryTest, ANameIsTakenOnce) {
  const Folder folder;
  const fs::path first = folder.install_file(fs::path(MCPR_TEST_PLUGINS) / "scripted.so", "a.so");
  folder.install_file(fs::path(MCPR_TEST_PLUGINS) / "scripted.so", "b.so");
  Registry registry(folder.options());
  registry.scan();
  const auto list = registry.list();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].reason,
            "answers to the name 'script', which " + first.string() + " has already: remove one of the two files");
  EXPECT_EQ(registry.find("scripted")->info().file, first);

  const auto copies_mapped = [&] {
    std::set<std::string> paths;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      const auto at = line.find((folder.runtime() / "b.").string());
      if (at != std::string::npos) paths.insert(line.substr(at));
    }
    return paths.size();
  };
  EXPECT_EQ(copies_mapped(), 1u);
  registry.scan();
  EXPECT_EQ(copies_mapped(), 1u) << "an unchanged file was mapped once more";
}

TEST(RegistryTest, AScanTriesAgainWhatWasRefusedAndKeepsWhatIsLoaded) {
  const Folder folder;
  const fs::path file = folder.install("scripted");
  ::chmod(file.c_str(), 0666);
  Registry registry(folder.options());
  registry.scan();
  EXPECT_FALSE(registry.find("scripted"));
  ::chmod(file.c_str(), 0644);
  registry.scan();
  const auto plugin = registry.find("scripted");
  ASSERT_TRUE(plugin);
  fs::remove(file);
  registry.scan();
  EXPECT_EQ(registry.find("scripted"), plugin);
}

TEST(RegistryTest, AMissingFolderIsAProblemAndNoCrash) {
  Registry registry({"/nonexistent/plugins", "/tmp/never-made"});
  registry.scan();
  EXPECT_EQ(registry.problem(), "plugins folder /nonexistent/plugins cannot be read: No such file or directory");
  EXPECT_THAT(registry.list(), IsEmpty());
}

}  // namespace
}  // namespace mcpr::plugin::test
