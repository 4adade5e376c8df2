// YAML as a tree of nodes. Pure function of text.
#pragma once

#include <string_view>
#include <vector>

#include "names.hpp"

namespace mcpr::file {

// All documents of a YAML stream. Anchors and aliases are resolved; a document that grows out of bounds is an error.
bool parse_yaml(std::string_view text, std::vector<Node>& documents, SyntaxError& error);

}  // namespace mcpr::file
