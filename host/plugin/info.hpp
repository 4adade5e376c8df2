// What people are told about a file in the plugins folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::plugin {

enum class PluginState : std::uint8_t { loaded, refused };

constexpr std::string_view to_string(PluginState state) { return state == PluginState::loaded ? "loaded" : "refused"; }

struct PluginInfo {
  std::filesystem::path file;
  std::string id;
  std::string version;
  std::vector<std::string> kinds;  // "discovery", "balancer", "command"
  std::vector<std::string> aliases;
  std::vector<std::string> config_prefixes;
  std::string config_schema;  // JSON Schema; empty: none
  std::string vendor;
  std::string description;
  std::string license;
  bool unloadable = false;
  bool mapped = false;  // its library is in this process, even where it was refused after that
  PluginState state = PluginState::refused;
  std::string reason;                 // why it was refused, with the remedy where there is one
  std::vector<std::string> warnings;  // what would refuse it under plugins.check-permissions: strict
};

}  // namespace mcpr::plugin
