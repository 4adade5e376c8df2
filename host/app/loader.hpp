// From a command line and an environment to a configuration that is known to be good.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/app/runtime.hpp"
#include "host/config/command_line.hpp"
#include "host/util/log.hpp"

namespace mcpr::app {

struct Place {
  std::filesystem::path executable;
  config::Environment environment;
  config::Surroundings surroundings;
};

// Of this process. The plugin directory is the first of those (relative to the executable's folder) that exists, else
// the first.
Place this_place(const std::vector<std::filesystem::path>& plugin_directories);

struct Load {
  ConfigurationPtr configuration;
  std::vector<std::string> notes;  // to be logged once
};

// Throws config::ConfigError with all that is wrong: syntax, unknown keys, ill-typed values, what the runtime finds.
Load load(const config::CommandLine& line, const Place& place, Runtime& runtime);

log::Options log_options(const config::Settings::Logging& logging);

}  // namespace mcpr::app
