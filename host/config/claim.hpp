// The parts of the configuration that plugins take, as their manifests say.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace mcpr::config {

struct Claim {
  std::string prefix;         // "spring.ai.alibaba.mcp.nacos"; an alias of it is as good
  std::string owner;          // the plugin's id
  boost::json::value schema;  // JSON Schema of what lies at the prefix; null: none is given
};

}  // namespace mcpr::config
