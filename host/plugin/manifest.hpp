// A plugin's manifest, checked and copied.
#pragma once

#include <string>

#include "host/plugin/info.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Why the manifest is refused; else empty, and info holds all that it says. Calls the plugin's get_extension.
std::string read_manifest(const mcpr_plugin& manifest, PluginInfo& info);

// [a-z0-9-]+, at most 64
bool is_plugin_id(std::string_view id);

}  // namespace mcpr::plugin
