// A folder of configuration files and the ways to load them, for the tests of this room.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "host/config/check.hpp"
#include "host/config/command_line.hpp"
#include "host/config/settings.hpp"
#include "host/config/sources.hpp"
#include "host/config/tree.hpp"

namespace mcpr::config {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcpr-config-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder); }

  void file(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

  ConfigTree tree() {
    Request request;
    request.search = {folder};
    request.profiles = profiles;
    request.environment = environment;
    CommandLine line = parse_command_line(arguments);
    EXPECT_THAT(line.problems, testing::IsEmpty());
    request.profiles.insert(request.profiles.end(), line.profiles.begin(), line.profiles.end());
    Problems problems;
    request.command_line = command_line_layer(line, problems);
    Layers layers = read_layers(request);
    layers.problems.insert(layers.problems.begin(), problems.begin(), problems.end());
    return ConfigTree(std::move(layers), claims);
  }

  // Loads all and keeps what was said, with the folder's name taken out.
  Settings load() {
    const ConfigTree loaded = tree();
    Problems problems = loaded.problems();
    notes = loaded.notes();
    Settings settings = make_settings(loaded, {"host-1234", 2, "/opt/lib/plugins"}, problems);
    check_keys(loaded, claims, problems, notes);
    said.clear();
    for (const Problem& problem : problems) said.push_back(short_text(problem.text()));
    return settings;
  }

  std::string short_text(std::string text) const {
    const std::string start = folder.string() + "/";
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start))
      text.erase(at, start.size());
    return text;
  }

  std::filesystem::path folder;
  Environment environment;
  std::vector<std::string> arguments;
  std::vector<std::string> profiles;
  std::vector<Claim> claims;
  std::vector<std::string> said;
  std::vector<std::string> notes;
};

}  // namespace mcpr::config
