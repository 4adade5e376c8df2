// A document (YAML, JSON, or rows of a table) as a tree that knows the line and column of each part: one form for all
// readers, and errors that say where. Pure functions of text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::reader {

// Where something stands in a text, counted from 1; 0: not known.
struct Place {
  int line = 0;
  int column = 0;
};

struct Member;

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  bool plain = false;  // a scalar without quotes
  Place place;
  std::string text;             // of a scalar, quotes and escapes resolved
  std::vector<Node> items;      // of a list
  std::vector<Member> members;  // of a map, in the order of the text; no key twice

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  const Node* find(std::string_view key) const;  // a map's member, or null
};

struct Member {
  std::string key;
  Place place;
  Node value;
};

// "a list", "a map", ... for error texts.
std::string_view kind_name(const Node& node);

// The value at a dotted path, where keys may be dotted themselves (`mcp.router: {services: ...}`), as Spring reads
// them.
const Node* find_path(const Node& root, std::string_view path);

struct SyntaxError {
  Place place;
  std::string text;
};

// One JSON document; comments and trailing commas are allowed, as editors write them.
bool parse_json(std::string_view text, Node& document, SyntaxError& error);

}  // namespace mcpr::reader
