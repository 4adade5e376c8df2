// From a service of Nacos' plain naming to a service of the router. How it is spoken to stands in the metadata of its
// instances; the keys are those that mcp-router-v3, Spring AI Alibaba and Spring Cloud write.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instances.hpp"
#include "mcp_server.hpp"
#include "names.hpp"

namespace mcpr::nacos {

struct NamingRules {
  std::string protocol;     // where the metadata does not say
  bool v3 = false;          // as mcp-router-v3 has it: SSE unless said otherwise, `virtual-` services, no routers
  sdk::KeyValues metadata;  // what an instance must have; an empty value: the key alone
};

// Nothing where none of the instances there are is an MCP server's by the rules. `documents`: what mcp-router-v3's
// config documents say of it, or null.
std::optional<Mapped> to_service(const ServiceKey& key, const std::vector<Host>& hosts, const NamingRules& rules,
                                 const Server* documents);

// `foo` for `mcp-foo` and `virtual-foo`, under which mcp-router-v3 finds them too; empty where there is no prefix.
std::string_view short_name(std::string_view name);

}  // namespace mcpr::nacos
