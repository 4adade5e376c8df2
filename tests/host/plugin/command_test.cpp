#include "host/plugin/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin {
namespace {

TEST(PluginCommand, IsFoundAndRun) {
  const test::Folder folder;
  folder.install("scripted");
  folder.install("nameless_command");
  folder.install_file(MCPR_ROUND_ROBIN);
  Registry registry(folder.options());
  registry.scan();
  const std::vector<Command> found = commands(registry);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "scripted");
  EXPECT_EQ(found[0].usage, "scripted WORD...   says it again\nscripted fail");

  std::ostringstream out, err;
  const std::vector<std::string> words{"a", "b c", ""};
  EXPECT_EQ(run(found[0], R"({"x": 1})", words, out, err), 3);
  EXPECT_EQ(out.str(), "ab c");
  EXPECT_EQ(err.str(), R"({"x": 1})");
}

TEST(PluginCommand, WhatItThrowsIsSaid) {
  const test::Folder folder;
  folder.install("scripted");
  Registry registry(folder.options());
  registry.scan();
  std::ostringstream out, err;
  const std::vector<std::string> words{"fail"};
  EXPECT_EQ(run(commands(registry).at(0), "{}", words, out, err), 1);
  EXPECT_EQ(err.str(), "as it was told\n");
}

}  // namespace
}  // namespace mcpr::plugin
