// The Nacos source as a plugin: nacos.so.
#include <mcpr/sdk.hpp>

#include "config/settings.hpp"
#include "source.hpp"

namespace {

constexpr const char* kPrefixes[] = {"mcp.router.nacos", "spring.ai.alibaba.mcp.nacos", nullptr};

}  // namespace

MCPR_PLUGIN(mcpr::nacos::Source, .id = "nacos", .version = "1.0.0", .config_prefixes = kPrefixes,
            .config_schema = mcpr::nacos::kSettingsSchema, .vendor = "mcp-router",
            .description = "MCP servers from Nacos: the registry of Nacos 3, and services of naming groups")
