// The program: command line, configuration, logging, signals, life cycle. What it runs is a Runtime.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/app/runtime.hpp"

namespace mcpr::app {

struct About {
  std::string version;
  std::vector<std::filesystem::path> plugin_directories;  // candidates, relative to the executable's folder
};

// The whole of main(). 0: ended in order; 1: could not start or go on; 2: the command line is wrong.
int run(int argc, char** argv, Runtime& runtime, const About& about);

}  // namespace mcpr::app
