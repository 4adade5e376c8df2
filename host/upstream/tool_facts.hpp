// What a source says of a service's tools, as far as clients notice it.
#pragma once

#include "host/catalog/model.hpp"
#include "host/mcp/tool_names.hpp"

namespace mcpr::upstream {

// The tools that must be neither listed nor called; null: none. A name that is given twice is hidden if one of the two
// is disabled.
mcp::ToolNamesPtr hidden_tools(const catalog::Service& service);

// Whether a client that knows the tools of the one knows those of the other: the same tools in any order, the same
// version of the service, and instances of the same versions (metadata `version`).
bool same_tools(const catalog::Service& a, const catalog::Service& b);

}  // namespace mcpr::upstream
