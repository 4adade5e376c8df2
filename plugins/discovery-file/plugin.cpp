// The file source as a plugin: file.so.
#include <mcpr/sdk.hpp>

#include "source.hpp"

namespace {

constexpr const char* kPrefixes[] = {"mcp.router.file", "mcp.router.services", nullptr};

constexpr const char* kSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "services": {"type": "array", "items": {"type": "object"}, "description": "services given right here"},
    "files": {"$ref": "#/$defs/paths", "description": "YAML or JSON files with services"},
    "folder": {"$ref": "#/$defs/paths", "description": "a folder of such files: *.yml, *.yaml, *.json"},
    "folders": {"$ref": "#/$defs/paths", "description": "several such folders"},
    "mcp-servers": {"$ref": "#/$defs/paths", "description": "mcpServers files, as MCP clients have them"},
    "base-dir": {"type": "string", "description": "what relative paths start from"}
  },
  "$defs": {"paths": {"type": ["string", "array"], "items": {"type": "string"}}}
})";

}  // namespace

MCPR_PLUGIN(mcpr::file::Source, .id = "file", .version = "1.0.0", .config_prefixes = kPrefixes,
            .config_schema = kSchema, .vendor = "mcp-router",
            .description = "Services from YAML and JSON files, watched for changes", .flags = MCPR_PLUGIN_UNLOADABLE)
