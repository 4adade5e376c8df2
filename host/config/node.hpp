// A configuration tree as it was written: text, lists and maps with their origins, no types yet.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/key.hpp"
#include "host/config/origin.hpp"

namespace mcpr::config {

struct Entry;

struct Node {
  enum class Kind : unsigned char { null, scalar, list, map };

  Kind kind = Kind::null;
  bool quoted = false;  // a scalar that is text whatever it looks like
  std::string text;
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the order written; looked up by relaxed name
  Origin origin;

  static Node scalar(std::string text, Origin origin, bool quoted = false);
  static Node list(Origin origin);
  static Node map(Origin origin);

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  // The entry of that name: as spelled, else by relaxed spelling. Null where this is no map.
  const Node* find(std::string_view name) const;
  Node* find(std::string_view name);
  const Node* find(std::span<const Segment> path) const;
};

struct Entry {
  std::string name;
  Node value;
  Origin origin;  // of the name
};

std::string_view kind_name(const Node& node);  // "a value", "a list", "a section", "nothing"

// Lays `over` on `under`: maps are merged, everything else is replaced whole; an empty value says nothing.
void merge(Node& under, Node over);

// Puts a value at a path, making the maps and lists on the way. A list grows by one at most. False, with a reason,
// where something of another kind stands in the way or a list would get a hole.
bool insert(Node& root, std::span<const Segment> path, Node value, const Origin& origin, std::string& why);

// Takes what stands at the path out of the tree (a null node if nothing does), with maps that are left empty.
Node take(Node& root, std::span<const Segment> path);

}  // namespace mcpr::config
