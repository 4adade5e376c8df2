#include "host/config/show.hpp"

#include "host/config/schema.hpp"

namespace mcpr::config {

std::string show(const Settings& settings) {
  std::string out;
  for (const Settings::Value& value : settings.values) {
    const Key* key = find_key(value.key);
    std::string text = value.text;
    // Headers of services may hold tokens, too.
    const bool masked = key && (key->secret || value.key == "mcp.router.services");
    if (masked && !text.empty()) text = "(not shown)";
    out += value.key + " = " + text + "  # " + value.origin.text() + "\n";
  }
  return out;
}

}  // namespace mcpr::config
