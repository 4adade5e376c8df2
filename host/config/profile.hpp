// Profiles: names that switch parts of the configuration on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::config {

// Letters, digits and `_ . @ + -`, as they become part of a file's name.
bool is_profile_name(std::string_view name);

// "a, b" to its parts, blanks taken off, empty ones left out.
std::vector<std::string> split_list(std::string_view text);

// Whether an expression such as "prod", "!test" or "(eu | us) & prod" holds. As in Spring, & and | are mixed only with
// parentheses. Nothing where it is no expression. The names that it mentions are added to `mentioned`.
std::optional<bool> matches(std::string_view expression, std::span<const std::string> active,
                            std::vector<std::string>& mentioned);

}  // namespace mcpr::config
