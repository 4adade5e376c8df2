#include "host/config/node.hpp"

#include <algorithm>
#include <utility>

namespace mcpr::config {

Node Node::scalar(std::string text, Origin origin, bool quoted) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.origin = std::move(origin);
  node.quoted = quoted;
  return node;
}

Node Node::list(Origin origin) {
  Node node;
  node.kind = Kind::list;
  node.origin = std::move(origin);
  return node;
}

Node Node::map(Origin origin) {
  Node node;
  node.kind = Kind::map;
  node.origin = std::move(origin);
  return node;
}

const Node* Node::find(std::string_view name) const {
  if (!is_map()) return nullptr;
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry.value;
  }
  for (const Entry& entry : entries) {
    if (same_name(entry.name, name)) return &entry.value;
  }
  return nullptr;
}

Node* Node::find(std::string_view name) { return const_cast<Node*>(std::as_const(*this).find(name)); }

const Node* Node::find(std::span<const Segment> path) const {
  const Node* node = this;
  for (const Segment& segment : path) {
    if (segment.index) {
      if (!node->is_list() || *segment.index >= node->items.size()) return nullptr;
      node = &node->items[*segment.index];
    } else {
      node = node->find(segment.name);
    }
    if (!node) return nullptr;
  }
  return node;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "a value";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a section";
  }
  return "nothing";
}

void merge(Node& under, Node over) {
  if (over.is_null() && !under.is_null()) return;
  if (!under.is_map() || !over.is_map()) {
    under = std::move(over);
    return;
  }
  for (Entry& entry : over.entries) {
    if (Node* existing = under.find(entry.name)) {
      merge(*existing, std::move(entry.value));
    } else {
      under.entries.push_back(std::move(entry));
    }
  }
}

bool insert(Node& root, std::span<const Segment> path, Node value, const Origin& origin, std::string& why) {
  Node* node = &root;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const Segment& segment = path[depth];
    const auto here = [&] { return std::string("'") + to_text(path.first(depth)) + "'"; };
    if (segment.index) {
      if (node->is_null()) *node = Node::list(origin);
      if (!node->is_list()) {
        why = here() + " is " + std::string(kind_name(*node)) + " and has no elements";
        return false;
      }
      if (*segment.index > node->items.size()) {
        why = here() + " has no element [" + std::to_string(node->items.size()) +
              "] yet: elements are given without gaps";
        return false;
      }
      if (*segment.index == node->items.size()) node->items.emplace_back();
      node = &node->items[*segment.index];
    } else {
      if (node->is_null()) *node = Node::map(origin);
      if (!node->is_map()) {
        why = here() + " is " + std::string(kind_name(*node)) + " and has no '" + segment.name + "' in it";
        return false;
      }
      Node* next = node->find(segment.name);
      if (!next) {
        node->entries.push_back({segment.name, {}, origin});
        next = &node->entries.back().value;
      }
      node = next;
    }
  }
  merge(*node, std::move(value));
  return true;
}

Node take(Node& root, std::span<const Segment> path) {
  if (path.empty()) return std::exchange(root, Node{});
  if (!root.is_map()) return {};
  const auto entry = std::find_if(root.entries.begin(), root.entries.end(),
                                  [&](const Entry& candidate) { return same_name(candidate.name, path.front().name); });
  if (entry == root.entries.end()) return {};
  Node taken = take(entry->value, path.subspan(1));
  const bool emptied = entry->value.is_null() || (entry->value.is_map() && entry->value.entries.empty());
  if (emptied && !taken.is_null()) root.entries.erase(entry);
  return taken;
}

}  // namespace mcpr::config
