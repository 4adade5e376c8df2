// Puts `true` at a path of keys in a message.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "host/mcp/json_text.hpp"
#include "host/mcp/spans.hpp"

namespace mcpr::mcp {

// At any value of the walk over `text`: every key but the last must be there and hold an object, else nothing happens;
// the last one is added, or its value replaced where that is not true. A key that stands twice is followed twice.
// False: the text is broken, walk.error() says how.
bool set_true(JsonWalk& walk, std::string_view text, std::span<const std::string_view> path, std::vector<Edit>& edits);

}  // namespace mcpr::mcp
