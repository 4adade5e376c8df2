// A configuration tree as JSON, for plugins.
#pragma once

#include <boost/json/value.hpp>

#include "host/config/node.hpp"
#include "host/config/placeholder.hpp"
#include "host/config/schema_view.hpp"

namespace mcpr::config {

// Placeholders are replaced; one that cannot be is a problem. A value becomes what the schema names for its place: text
// stays the text that was written ("1.10" of a version), a value where a list is due is split at commas. Where the
// schema says nothing, plain true, false, null and numbers become those, all else text. Names get the schema's
// spelling.
boost::json::value to_json(const Node& node, const SchemaView& schema, const Resolver& resolver, Problems& problems);

}  // namespace mcpr::config
