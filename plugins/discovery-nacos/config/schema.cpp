#include "config/settings.hpp"

namespace mcpr::nacos {

const char kSettingsSchema[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "x-auto": "configured",
  "additionalProperties": false,
  "properties": {
    "enabled": {"type": "boolean", "default": true, "description": "false: the source has nothing"},
    "server-addr": {"$ref": "#/$defs/words", "default": "127.0.0.1:8848",
      "description": "servers of one cluster: host:port or http(s)://host:port/context"},
    "endpoint": {"type": "string", "description": "an address server: not supported, see server-addr"},
    "context-path": {"type": "string", "default": "/nacos"},
    "namespace": {"$ref": "#/$defs/words", "default": "public"},
    "namespaces": {"$ref": "#/$defs/words"},
    "username": {"type": "string"},
    "password": {"type": "string"},
    "access-key": {"type": "string"},
    "secret-key": {"type": "string"},
    "tls": {"type": ["boolean", "object"], "default": false, "additionalProperties": false,
      "properties": {
        "enabled": {"type": "boolean", "default": true},
        "ca-file": {"type": "string", "description": "PEM; the system's authorities where it is not given"},
        "cert-file": {"type": "string", "description": "PEM; what gRPC shows to the server"},
        "key-file": {"type": "string"}}},
    "grpc": {"type": ["boolean", "object"], "default": true, "additionalProperties": false,
      "properties": {
        "enabled": {"type": "boolean", "default": true},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "port-offset": {"type": "integer", "default": 1000},
        "tls": {"type": "boolean", "description": "as tls.enabled where it is not given"}}},
    "timeout": {"$ref": "#/$defs/time", "default": "5s", "description": "of one request to one server"},
    "mcp-registry": {"type": "boolean", "default": true, "description": "use the MCP registry of Nacos 3"},
    "groups": {"type": ["array", "string"], "description": "naming groups whose services are MCP services",
      "items": {"type": ["string", "object"], "additionalProperties": false,
        "properties": {"name": {"type": "string"}, "rules": {"enum": ["plain", "mcp-router-v3"]}}}},
    "include": {"$ref": "#/$defs/words", "description": "names to publish, with * and ?"},
    "exclude": {"$ref": "#/$defs/words", "description": "names not to publish, with * and ?"},
    "metadata": {"type": "object", "additionalProperties": {"type": "string"},
      "description": "what an instance in a group must have; an empty value: the key alone"},
    "default-protocol": {"type": "string", "default": "mcp-streamable",
      "description": "of instances in a group that do not say"},
    "short-names": {"type": "boolean", "default": true, "description": "foo besides mcp-foo, by mcp-router-v3's rules"},
    "announce": {"type": "object", "additionalProperties": false,
      "properties": {"group": {"type": "string", "default": "DEFAULT_GROUP"}, "namespace": {"type": "string"}}},
    "registry": {"type": "object", "description": "as mcp-router-v3 has it",
      "properties": {
        "enabled": {"type": "boolean", "default": true},
        "service-groups": {"$ref": "#/$defs/words", "default": "mcp-server"},
        "service-group": {"type": "string"}}},
    "poll-interval": {"$ref": "#/$defs/time", "default": "10s", "description": "between two looks without push"},
    "check-interval": {"$ref": "#/$defs/time", "default": "1m",
      "description": "between two comparisons of the registry's list with what was pushed"},
    "grace": {"$ref": "#/$defs/time", "default": "30s",
      "description": "how long an instance is kept that has not come back after a reconnection"},
    "watch-limit": {"type": "integer", "default": 500, "description": "config documents that a server watches by pattern"},
    "page-size": {"type": "integer", "default": 1000, "minimum": 1, "maximum": 1000},
    "base-dir": {"type": "string", "description": "what relative paths start from"}
  },
  "$defs": {
    "words": {"type": ["string", "array"], "items": {"type": "string"}},
    "time": {"type": ["string", "integer"]}
  }
})";

}  // namespace mcpr::nacos
