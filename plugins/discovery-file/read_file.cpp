#include "read_file.hpp"

#include <algorithm>

#include "read_service.hpp"
#include "yaml_node.hpp"

namespace mcpr::file {
namespace {

void read_mcp_servers(const Node& map, const Context& context, Reading& reading) {
  for (const Member& entry : map.members) read_mcp_server(entry, context, reading);
}

// By the name; where that says nothing, by how the text begins.
bool is_json(std::string_view text, std::string_view file) {
  if (file.ends_with(".json") || file.ends_with(".jsonc")) return true;
  if (file.ends_with(".yml") || file.ends_with(".yaml")) return false;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text.starts_with("{") || text.starts_with("//") || text.starts_with("/*");
}

void read_document(const Node& root, const Context& context, Reading& reading) {
  const auto fail = [&](const Node& at, std::string text) {
    reading.errors.push_back({context.file, at.place.line, at.place.column, std::move(text)});
  };
  if (!root.is_map())
    return fail(root, "expected a map with `services` or `mcpServers`, not " + std::string(kind_name(root)));
  bool known = false;
  for (const char* path : {"services", "mcp.router.services", "spring.ai.alibaba.mcp.router.services"}) {
    const Node* list = find_path(root, path);
    if (!list) continue;
    known = true;
    read_services(*list, path, context, reading);
  }
  for (const char* key : {"mcpServers", "servers"}) {
    const Node* map = root.find(key);
    if (!map) continue;
    known = true;
    if (map->is_map()) {
      read_mcp_servers(*map, context, reading);
    } else if (!map->is_null()) {
      fail(*map, std::string(key) + ": must be a map, not " + std::string(kind_name(*map)));
    }
  }
  if (!known) fail(root, "no services found: expected `services` (also under mcp.router), or `mcpServers`");
}

}  // namespace

void read_services(const Node& list, std::string_view label, const Context& context, Reading& reading) {
  if (list.is_null()) return;
  if (!list.is_list()) {
    reading.errors.push_back({context.file, list.place.line, list.place.column,
                              std::string(label) + ": must be a list, not " + std::string(kind_name(list))});
    return;
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    read_service(list.items[i], std::string(label) + "[" + std::to_string(i) + "]", context, reading);
  }
}

Reading read_file(std::string_view text, const Context& context) {
  Reading reading;
  SyntaxError error;
  std::vector<Node> documents;
  bool ok = false;
  const bool json = is_json(text, context.file);
  if (json) {
    documents.emplace_back();
    ok = parse_json(text, documents.back(), error);
  } else {
    ok = parse_yaml(text, documents, error);
  }
  if (!ok) {
    reading.errors.push_back({context.file, error.place.line, error.place.column, std::move(error.text)});
    return reading;
  }
  // An editor may have emptied it a moment ago, to write it anew: that is no wish to have no services.
  std::erase_if(documents, [](const Node& document) { return document.is_null(); });
  if (documents.empty())
    reading.errors.push_back({context.file, 0, 0, "is empty (`services: []` says that there are none)"});
  for (const Node& document : documents) read_document(document, context, reading);
  if (!reading.errors.empty()) reading.services.clear();
  return reading;
}

}  // namespace mcpr::file
