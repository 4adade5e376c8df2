#include "host/upstream/tool_facts.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace mcpr::upstream {

namespace {

auto tools_of(const catalog::Service& service) {
  std::set<std::tuple<std::string_view, std::string_view, bool>> out;
  for (const catalog::Tool& tool : service.tools) out.emplace(tool.name, tool.description, tool.enabled);
  return out;
}

std::set<std::string_view> versions_of(const catalog::Service& service) {
  std::set<std::string_view> out;
  for (const catalog::Instance& instance : service.instances) {
    for (const auto& [key, value] : instance.metadata) {
      if (key == "version") out.insert(value);
    }
  }
  return out;
}

}  // namespace

mcp::ToolNamesPtr hidden_tools(const catalog::Service& service) {
  std::vector<std::string> names;
  for (const catalog::Tool& tool : service.tools) {
    if (!tool.enabled) names.push_back(tool.name);
  }
  return names.empty() ? nullptr : std::make_shared<const mcp::ToolNames>(std::move(names));
}

bool same_tools(const catalog::Service& a, const catalog::Service& b) {
  return a.version == b.version && (a.tools == b.tools || tools_of(a) == tools_of(b)) &&
         versions_of(a) == versions_of(b);
}

}  // namespace mcpr::upstream
