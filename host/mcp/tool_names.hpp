// A set of tools' names. They are compared byte for byte, after JSON's escapes have been undone.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpr::mcp {

class ToolNames {
 public:
  explicit ToolNames(std::vector<std::string> names) : names_(std::move(names)) {
    std::sort(names_.begin(), names_.end());
  }
  bool contains(std::string_view name) const { return std::binary_search(names_.begin(), names_.end(), name); }

 private:
  std::vector<std::string> names_;
};
using ToolNamesPtr = std::shared_ptr<const ToolNames>;

}  // namespace mcpr::mcp
