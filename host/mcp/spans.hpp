// Replaces parts of a text and leaves every other byte as it is: a message is passed on as it was sent, not rewritten.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mcpr::mcp {

struct Edit {
  std::string_view where;  // a part of the text, by address; an empty part inserts
  std::string replacement;
};

// Call it as mcp::apply: for arguments of std types, apply alone finds std::apply too.
// The edits may stand in any order. They must lie within the text and not overlap; one that does not is left out.
std::string apply(std::string_view text, std::span<const Edit> edits);

}  // namespace mcpr::mcp
