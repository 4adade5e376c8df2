// Reads the configuration files: finds application.yml, decides which profiles are active, reads what belongs to them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/config/node.hpp"
#include "host/config/placeholder.hpp"

namespace mcpr::config {

struct Request {
  std::optional<std::filesystem::path> file;  // --config: has to exist
  std::vector<std::filesystem::path> search;  // else the first of these folders with an application.yml; none is fine
  std::vector<std::string> profiles;          // --profile: have to mean something
  Node command_line;                          // the layer of --any.key=value
  Environment environment;
};

// ./config, ., <prefix>/etc/mcp-router, with the prefix of the program's own path.
std::vector<std::filesystem::path> default_search(const std::filesystem::path& executable);

struct Layers {
  std::vector<Node> documents;  // that apply, later ones win
  Node command_line;
  Environment environment;
  std::vector<std::filesystem::path> files;  // that were read
  std::vector<std::string> profiles;         // active, in order
  std::vector<std::string> notes;
  Problems problems;
};

Layers read_layers(const Request& request);

}  // namespace mcpr::config
