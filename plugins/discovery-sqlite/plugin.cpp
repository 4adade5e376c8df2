// The SQLite source as a plugin: sqlite.so.
#include <mcpr/sdk.hpp>

#include "source.hpp"

namespace {

constexpr const char* kAliases[] = {"database", nullptr};
constexpr const char* kPrefixes[] = {"mcp.router.database", "mcp.router.sqlite", nullptr};

constexpr const char* kSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "enabled": {"type": "boolean", "description": "false: the source publishes nothing"},
    "path": {"type": "string", "description": "the database; default: mcp-router.db"},
    "url": {"type": "string", "description": "jdbc:sqlite:PATH, instead of path"},
    "create": {"type": "boolean", "description": "make the file and the tables where they are missing"},
    "table-name": {"type": "string", "description": "table with name, description, protocol, version, endpoint, enabled, tags"},
    "query-sql": {"type": "string", "description": "SELECT of one service, with its name as the one parameter"},
    "list-sql": {"type": "string", "description": "SELECT of all services"},
    "poll": {"$ref": "#/$defs/time", "description": "time between looks for commits of other processes"},
    "busy-timeout": {"$ref": "#/$defs/time", "description": "how long to wait for a lock"},
    "read-timeout": {"$ref": "#/$defs/time", "description": "how long a reading may take"},
    "max-rows": {"type": "integer", "description": "rows that are read at most"},
    "base-dir": {"type": "string", "description": "what a relative path starts from"},
    "username": {"type": "string"},
    "password": {"type": "string"},
    "driver-class-name": {"type": "string"},
    "max-pool-size": {"type": ["integer", "string"]},
    "min-idle": {"type": ["integer", "string"]},
    "connection-timeout": {"$ref": "#/$defs/time"}
  },
  "$defs": {"time": {"type": ["string", "integer"]}}
})";

}  // namespace

MCPR_PLUGIN(mcpr::sqlite::Source, .id = "sqlite", .version = "1.0.0", .aliases = kAliases, .config_prefixes = kPrefixes,
            .config_schema = kSchema, .vendor = "mcp-router", .description = "Services from an SQLite database",
            .flags = MCPR_PLUGIN_UNLOADABLE)
