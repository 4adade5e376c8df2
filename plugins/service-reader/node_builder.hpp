// Puts a Node together from the events of a parser, and keeps it within bounds. Throws SyntaxError.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "node.hpp"

namespace mcpr::reader {

class NodeBuilder {
 public:
  using Anchor = std::size_t;  // 0: none

  void scalar(Place place, std::string text, bool plain, Anchor anchor = 0);
  void null(Place place, Anchor anchor = 0);
  void alias(Place place, Anchor anchor);
  void begin(Place place, Node::Kind kind, Anchor anchor = 0);
  void end();

  bool complete() const { return complete_; }
  Node take();  // the root; ready for the next document

 private:
  struct Open {
    Node node;
    Anchor anchor = 0;
    bool has_key = false;  // of a map: a key was read, its value comes next
    std::string key;
    Place key_place;
    std::unordered_set<std::string> keys;
  };

  void count(Place place, std::size_t nodes);
  void put(Node node, Anchor anchor);

  std::vector<Open> open_;
  std::map<Anchor, Node> anchors_;
  Node root_;
  bool complete_ = false;
  std::size_t nodes_ = 0;
};

}  // namespace mcpr::reader
