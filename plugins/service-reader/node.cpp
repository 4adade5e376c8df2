#include "node.hpp"

namespace mcpr::reader {

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "a single value";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: break;
  }
  return "a map";
}

const Node* find_path(const Node& root, std::string_view path) {
  for (const Member& member : root.members) {
    if (member.key == path) return &member.value;
    const bool prefix =
        path.size() > member.key.size() && path.starts_with(member.key) && path[member.key.size()] == '.';
    if (!prefix) continue;
    if (const Node* found = find_path(member.value, path.substr(member.key.size() + 1))) return found;
  }
  return nullptr;
}

}  // namespace mcpr::reader
