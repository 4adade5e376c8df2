// Names of configuration keys. "session-ttl", "sessionTtl" and "session_ttl" are one name; a path is names and list
// indices.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::config {

struct Segment {
  std::string name;                  // empty for an index
  std::optional<std::size_t> index;  // of a list element

  bool operator==(const Segment&) const = default;
};

using Path = std::vector<Segment>;

// What two spellings of one name have in common: lower case, without dashes and underscores. Dots and the rest stay.
std::string uniform(std::string_view name);
bool same_name(std::string_view a, std::string_view b);

// Parses "mcp.router.services[0].name" and "logging.level[com.example]" (brackets around what is not a number keep a
// name with dots whole). Nothing for an empty name, a stray bracket, an index over 9,999 or more than
// 64 parts.
std::optional<Path> parse_key(std::string_view key);
std::string to_text(std::span<const Segment> path);

// The candidate that is spelled most like `name`, if any is near enough to be what was meant.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace mcpr::config
