// mcp.router.discovery-order: names, or sections with settings of their own.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <vector>

#include "host/config/placeholder.hpp"
#include "host/config/settings.hpp"
#include "host/config/tree.hpp"

namespace mcpr::config {

// `order` may be null (no sources), text with commas, or a list.
std::vector<DiscoveryEntry> read_discovery_order(const Node* order, const Resolver& resolver, Problems& problems);

// What a source is given: the subtree of its plugin's prefixes with the entry's own settings laid over it, both in the
// types and spelling of the plugin's schema (null: none).
boost::json::object source_config(const ConfigTree& tree, const DiscoveryEntry& entry,
                                  std::span<const std::string> prefixes, const boost::json::value& schema,
                                  Problems& problems);

}  // namespace mcpr::config
