// The command line as plain data. Poco's option parser knows no --any.key=value, so arguments are read here, before
// Poco.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/config/node.hpp"

namespace mcpr::config {

struct Upstream {
  std::string name;  // of the service
  std::string url;
};

struct CommandLine {
  struct Property {
    std::string key;
    std::string value;
  };
  std::optional<std::string> config;
  std::vector<std::string> profiles;
  std::vector<Property> properties;
  std::vector<Upstream> upstreams;
  bool check_config = false;
  bool print_config = false;
  bool list_plugins = false;
  bool version = false;
  bool help = false;
  bool daemon = false;
  std::optional<std::string> pidfile;
  std::vector<std::string>
      command;  // the first word that is no option, and all behind it as it is; empty: run the router

  std::vector<std::string> problems;  // whatever could not be understood; nothing should be started then
};

// Without the program's name.
CommandLine parse_command_line(std::span<const std::string> arguments);

// The layer of --any.key=value and --upstream (a list of services, which replaces those of the files as every list
// does).
Node command_line_layer(const CommandLine& line, Problems& problems);

std::string usage();

}  // namespace mcpr::config
