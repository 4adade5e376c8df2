// Finds keys that nobody knows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/config/claim.hpp"
#include "host/config/tree.hpp"

namespace mcpr::config {

// Below the router's own sections a key that is neither in the schema nor claimed by a plugin is a problem, with the
// nearest name. What lies elsewhere in a Spring file, or belonged to a system that this one replaces, goes into one
// note. Placeholders below claimed prefixes are resolved, so that a missing one is found before anything starts.
void check_keys(const ConfigTree& tree, std::span<const Claim> claims, Problems& problems,
                std::vector<std::string>& notes);

// Of one layer, before layers are laid over one another. A key given in two spellings is a problem.
void check_spellings(const Node& layer, std::span<const Claim> claims, Problems& problems);

// A value or a list that stands where a section belongs is a problem and is taken out, so that it does not hide the
// section of a lower layer.
void check_sections(Node& layer, std::span<const Claim> claims, Problems& problems);

}  // namespace mcpr::config
