// The file source's own configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "names.hpp"

namespace mcpr::file {

struct Config {
  Node services;                     // entries given right here
  std::vector<std::string> files;    // YAML or JSON
  std::vector<std::string> folders;  // their *.yml, *.yaml and *.json, by name
  std::vector<std::string> mcp_servers;
  std::string base_dir;
};

// Reads {services, files, folder, folders, mcp-servers, base-dir}; relative paths are taken from base-dir. False with a
// text that names the key.
bool read_config(std::string_view json, Config& out, std::string& error);

}  // namespace mcpr::file
