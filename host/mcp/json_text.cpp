#include "host/mcp/json_text.hpp"

#include "host/mcp/peek.hpp"

namespace mcpr::mcp {

JsonText::JsonText(std::string_view json) : size_(json.size()) {
  copy_.reserve(size_ + kPadding);
  copy_.assign(json).append(kPadding, ' ');
  error_ = index_.build(text());
}

}  // namespace mcpr::mcp
