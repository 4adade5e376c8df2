// Configuration text to checked settings: whatever it says, the answer is settings and problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/config/check.hpp"
#include "host/config/discovery_order.hpp"
#include "host/config/settings.hpp"
#include "host/config/show.hpp"
#include "host/config/tree.hpp"
#include "host/config/yaml_reader.hpp"

using namespace mcpr::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Layers layers;
  layers.documents = read_yaml(text, "fuzz.yml", layers.problems, {64 * 1024, 64, 5'000, 256 * 1024, 2'000});
  layers.environment = {{"HOME", "/root"}, {"SERVER_PORT", "1"}, {"MCP_PLUGIN_A_B", "1"}};
  const boost::json::value schema{{"properties", {{"a-b", {{"type", "integer"}}}, {"list", {{"type", "array"}}}}}};
  const std::vector<Claim> claims{{"mcp.plugin", "plugin", schema}};
  const ConfigTree tree(std::move(layers), claims);
  Problems problems = tree.problems();
  std::vector<std::string> notes;
  const Settings settings = make_settings(tree, {"id", 1, "/plugins"}, problems);
  check_keys(tree, claims, problems, notes);
  const std::vector<std::string> prefixes{"mcp.plugin", "mcp.router.services"};
  for (const DiscoveryEntry& entry : settings.router.discovery_order)
    source_config(tree, entry, prefixes, schema, problems);
  if (show(settings).empty() || describe(in_order(problems)).empty()) __builtin_trap();
  return 0;
}
