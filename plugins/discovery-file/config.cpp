#include "config.hpp"

#include <array>

#include "fields.hpp"

namespace mcpr::file {
namespace {

constexpr std::array kKeys =
    std::to_array<std::string_view>({"services", "files", "folder", "folders", "mcp-servers", "base-dir"});

}  // namespace

bool read_config(std::string_view json, Config& out, std::string& error) {
  Config config;
  Node root;
  SyntaxError syntax;
  if (json.empty()) json = "{}";
  if (!parse_json(json, root, syntax)) {
    error = "the configuration is " + syntax.text;
    return false;
  }
  Reading reading;
  const Context context;
  Fields fields(context, Dialect::router, {}, reading);
  const Fields::Keys keys = fields.keys(root, {}, kKeys);
  const auto node = [&](const char* key) -> const Node* {
    const auto at = keys.find(key);
    return at == keys.end() ? nullptr : &at->second->value;
  };
  if (const Node* n = node("base-dir")) fields.text(*n, "base-dir", config.base_dir);
  const auto paths = [&](const char* key, std::vector<std::string>& to) {
    std::vector<std::string> words;
    if (const Node* n = node(key)) fields.words(*n, key, words);
    for (std::string& path : words) {
      if (path.empty()) {
        fields.fail({}, std::string(key) + ": a path is empty");
      } else {
        to.push_back(path.front() == '/' || config.base_dir.empty() ? std::move(path) : config.base_dir + "/" + path);
      }
    }
  };
  paths("files", config.files);
  paths("folder", config.folders);
  paths("folders", config.folders);
  paths("mcp-servers", config.mcp_servers);
  if (const Node* n = node("services")) {
    if (n->is_list()) {
      config.services = *n;
    } else {
      fields.fail({}, "services: must be a list, not " + std::string(kind_name(*n)));
    }
  }
  for (const Issue& issue : reading.errors) error += (error.empty() ? "" : "; ") + issue.text;
  if (!reading.errors.empty()) return false;
  out = std::move(config);
  return true;
}

}  // namespace mcpr::file
