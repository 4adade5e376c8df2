// What people are told about a file in the plugins folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::plugin {

enum class PluginState : std::uint8_t {
  loaded,
  refused,
  draining,  // replaced or removed, and still in use
  retired,   // not in use, and still mapped: reason says why
  unmapped,  // no more in this process
};

constexpr std::string_view to_string(PluginState state) {
  constexpr std::string_view kNames[] = {"loaded", "refused", "draining", "retired", "unmapped"};
  return kNames[static_cast<std::size_t>(state)];
}

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
  std::string hash;              // SHA-256 of the bytes, in hex
  std::uint64_t generation = 0;  // counts what this process has loaded
  bool unloadable = false;
  bool mapped = false;  // its library is in this process, even where it was refused after that
  PluginState state = PluginState::refused;
  std::string reason;                 // why it was refused, with the remedy where there is one
  std::vector<std::string> warnings;  // what would refuse it under plugins.check-permissions: strict
};

inline bool answers_to(const PluginInfo& info, std::string_view name) {
  return info.id == name || std::find(info.aliases.begin(), info.aliases.end(), name) != info.aliases.end();
}

// "1.2.0 (3f0a9c21)": versions that differ may call themselves the same.
inline std::string version_text(const PluginInfo& info) { return info.version + " (" + info.hash.substr(0, 8) + ")"; }

}  // namespace mcpr::plugin
