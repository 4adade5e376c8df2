// YAML text to configuration trees, within bounds. The text may be hostile: its size, depth and the number of nodes
// after aliases are expanded are limited before memory is spent on them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/node.hpp"

namespace mcpr::config {

struct YamlLimits {
  std::size_t bytes = std::size_t{1} << 20;       // of the text
  std::size_t depth = 64;                         // of nested lists and maps, aliases expanded
  std::size_t nodes = 100'000;                    // aliases expanded
  std::size_t names = 5'000;                      // of one section
  std::size_t text_bytes = std::size_t{8} << 20;  // of all scalars, aliases expanded
  std::size_t flow_brackets = 20'000;             // yaml-cpp's scanner looks ahead over all that are open on a line
};

// One tree a document, in order; an empty document is left out. "a.b: 1" becomes a map in a map, as in Spring, except
// inside lists, where names stay as they are ("X-Api.Key" of a header). Merge keys (<<) are honoured; a name given
// twice in one map is a problem. After a problem of syntax the rest of the text is not read.
std::vector<Node> read_yaml(std::string_view text, const std::string& source, Problems& problems,
                            const YamlLimits& limits = {});

}  // namespace mcpr::config
