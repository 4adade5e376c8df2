#include "host/plugin/manifest.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <exception>
#include <string_view>

#include "host/plugin/abi.hpp"

namespace mcpr::plugin {

namespace {

constexpr std::uint32_t kManifestSize = 88;  // at ABI 1.0: what every plugin has
constexpr std::size_t kMostEntries = 64;     // a list that does not end is no list

bool read_list(const char* const* from, std::vector<std::string>& to) {
  for (std::size_t i = 0; from && from[i]; ++i) {
    if (i == kMostEntries) return false;
    to.emplace_back(from[i]);
  }
  return true;
}

// The sizes of the factories, and of the table of a command, at ABI 1.0.
bool has_factory(const mcpr_plugin& manifest, const char* id, std::uint32_t size, std::string& problem) {
  const auto* factory = static_cast<const std::uint32_t*>(manifest.get_extension(id));
  if (!factory) return false;
  if (*factory < size) {
    problem = "its factory for " + std::string(id) + " has struct_size " + std::to_string(*factory) +
              ", less than the " + std::to_string(size) + " of ABI 1.0";
  }
  return true;
}

std::string refuse_command(const mcpr_plugin& manifest) {
  const auto command = whole(static_cast<const mcpr_command*>(manifest.get_extension(MCPR_EXT_COMMAND)));
  const std::string name(view(command.name));
  if (!is_plugin_id(name)) return "its command has the name '" + name + "', which is not [a-z0-9-]+";
  return command.run ? "" : "its command has no run";
}

std::string read_kinds(const mcpr_plugin& manifest, PluginInfo& info) {
  std::string problem;
  try {
    if (has_factory(manifest, MCPR_EXT_DISCOVERY, sizeof(mcpr_discovery_factory), problem)) {
      info.kinds.emplace_back("discovery");
    }
    if (has_factory(manifest, MCPR_EXT_BALANCER, sizeof(mcpr_balancer_factory), problem)) {
      info.kinds.emplace_back("balancer");
    }
    if (has_factory(manifest, MCPR_EXT_COMMAND, sizeof(mcpr_command), problem)) {
      info.kinds.emplace_back("command");
      if (problem.empty()) problem = refuse_command(manifest);
    }
  } catch (const std::exception& error) {
    return std::string("its get_extension threw: ") + error.what();
  } catch (...) {
    return "its get_extension threw";
  }
  if (problem.empty() && info.kinds.empty()) {
    return "offers neither " MCPR_EXT_DISCOVERY " nor " MCPR_EXT_BALANCER " nor " MCPR_EXT_COMMAND
           ": it can do nothing for this router";
  }
  return problem;
}

}  // namespace

bool is_plugin_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 &&
         std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string read_manifest(const mcpr_plugin& raw, PluginInfo& info) {
  if (raw.struct_size < kManifestSize) {
    return "its manifest has struct_size " + std::to_string(raw.struct_size) + ", less than the " +
           std::to_string(kManifestSize) + " of ABI 1.0";
  }
  const mcpr_plugin manifest = whole(&raw);
  const std::string id(view(manifest.id));
  if (!is_plugin_id(id))
    return "its manifest has the id '" + id + "', which is not [a-z0-9-]+ of at most 64 characters";
  info.id = id;
  if (view(manifest.version).empty()) return "its manifest has no version";
  info.version = manifest.version;
  if (!read_list(manifest.aliases, info.aliases)) return "its manifest's aliases do not end with NULL";
  for (const std::string& alias : info.aliases) {
    if (!is_plugin_id(alias)) return "its manifest has the alias '" + alias + "', which is not [a-z0-9-]+";
  }
  if (!read_list(manifest.config_prefixes, info.config_prefixes)) {
    return "its manifest's config_prefixes do not end with NULL";
  }
  info.config_schema = view(manifest.config_schema);
  if (!info.config_schema.empty()) {
    boost::json::error_code failed;
    const boost::json::value schema = boost::json::parse(info.config_schema, failed);
    if (failed || !schema.is_object()) return "its manifest's config_schema is not a JSON object";
  }
  info.vendor = view(manifest.vendor);
  info.description = view(manifest.description);
  info.license = view(manifest.license);
  info.unloadable = manifest.flags & MCPR_PLUGIN_UNLOADABLE;
  if (!manifest.get_extension) return "its manifest has no get_extension";
  return read_kinds(manifest, info);
}

}  // namespace mcpr::plugin
