// A text with the padding that the Peeker asks for, filled with what would be a bad surprise if it were read as text.
#pragma once

#include <string_view>
#include <vector>

#include "host/mcp/peek.hpp"

namespace mcpr::mcp {

class Padded {
 public:
  explicit Padded(std::string_view text) : bytes_(text.begin(), text.end()), size_(text.size()) {
    bytes_.resize(size_ + kPadding, '}');
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
};

}  // namespace mcpr::mcp
