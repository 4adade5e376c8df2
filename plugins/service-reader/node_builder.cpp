#include "node_builder.hpp"

#include <algorithm>
#include <utility>

namespace mcpr::reader {
namespace {

// Aliases can make a tree of any size of a short text.
constexpr std::size_t kMaxNodes = 500'000;
constexpr std::size_t kMaxDepth = 64;

std::size_t size_of(const Node& node) {
  std::size_t nodes = 1;
  for (const Node& item : node.items) nodes += size_of(item);
  for (const Member& member : node.members) nodes += size_of(member.value);
  return nodes;
}

std::size_t depth_of(const Node& node) {
  std::size_t depth = 0;
  for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
  for (const Member& member : node.members) depth = std::max(depth, depth_of(member.value));
  return depth + 1;
}

}  // namespace

void NodeBuilder::count(Place place, std::size_t nodes) {
  nodes_ += nodes;
  if (nodes_ > kMaxNodes) throw SyntaxError{place, "the document has more than 500000 values"};
}

void NodeBuilder::scalar(Place place, std::string text, bool plain, Anchor anchor) {
  count(place, 1);
  Node node;
  node.kind = Node::Kind::scalar;
  node.plain = plain;
  node.place = place;
  node.text = std::move(text);
  put(std::move(node), anchor);
}

void NodeBuilder::null(Place place, Anchor anchor) {
  count(place, 1);
  Node node;
  node.place = place;
  put(std::move(node), anchor);
}

void NodeBuilder::alias(Place place, Anchor anchor) {
  const auto at = anchors_.find(anchor);
  if (at == anchors_.end()) throw SyntaxError{place, "an alias stands inside of what it refers to"};
  count(place, size_of(at->second));
  if (open_.size() + depth_of(at->second) > kMaxDepth) throw SyntaxError{place, "the document is nested too deeply"};
  Node copy = at->second;
  copy.place = place;
  put(std::move(copy), 0);
}

void NodeBuilder::begin(Place place, Node::Kind kind, Anchor anchor) {
  count(place, 1);
  if (open_.size() >= kMaxDepth) throw SyntaxError{place, "the document is nested too deeply"};
  Open open;
  open.node.kind = kind;
  open.node.place = place;
  open.anchor = anchor;
  open_.push_back(std::move(open));
}

void NodeBuilder::end() {
  Open open = std::move(open_.back());
  open_.pop_back();
  put(std::move(open.node), open.anchor);
}

void NodeBuilder::put(Node node, Anchor anchor) {
  if (anchor != 0) anchors_[anchor] = node;
  if (open_.empty()) {
    root_ = std::move(node);
    complete_ = true;
    return;
  }
  Open& parent = open_.back();
  if (parent.node.is_list()) {
    parent.node.items.push_back(std::move(node));
  } else if (parent.has_key) {
    parent.node.members.push_back({std::move(parent.key), parent.key_place, std::move(node)});
    parent.has_key = false;
  } else {
    if (!node.is_scalar()) throw SyntaxError{node.place, "a key has to be a text, not " + std::string(kind_name(node))};
    if (!parent.keys.insert(node.text).second) throw SyntaxError{node.place, "key '" + node.text + "' is given twice"};
    parent.has_key = true;
    parent.key = std::move(node.text);
    parent.key_place = node.place;
  }
}

Node NodeBuilder::take() {
  Node root = std::move(root_);
  *this = {};
  return root;
}

}  // namespace mcpr::reader
