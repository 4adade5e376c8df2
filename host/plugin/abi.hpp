// Reading the tables and texts of the contract.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "mcpr/plugin.h"

namespace mcpr::plugin {

// A table whose writer may be older than this router (its missing end reads as zero) or newer.
template <class T>
T whole(const T* table) {
  T out{};
  std::uint32_t size = 0;
  std::memcpy(&size, table, sizeof size);
  std::memcpy(static_cast<void*>(&out), table, std::min<std::size_t>(size, sizeof out));
  return out;
}

// Whether a struct_size or item_size that a plugin gives can be true: at least that of ABI 1.0, and none that would
// lead far out of its memory. Later minors stay below the most.
inline constexpr std::uint32_t kMostSize = 4096;
inline bool fits(std::uint32_t size, std::uint32_t least) { return size >= least && size <= kMostSize; }
inline bool fits_item(std::uint32_t size, std::uint32_t least) { return fits(size, least) && size % 8 == 0; }

// At most `most` bytes of text that end with a whole UTF-8 character.
inline std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

inline std::string_view view(mcpr_str text) {
  return text.size && text.data ? std::string_view(text.data, text.size) : "";
}
inline mcpr_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const char* text) { return text ? text : ""; }

// The buffer that a plugin writes its error text into.
class ErrorText {
 public:
  ErrorText() = default;
  ErrorText(const ErrorText&) = delete;
  ErrorText& operator=(const ErrorText&) = delete;
  mcpr_err* out() { return &err_; }
  std::string text() const {
    const std::size_t size = std::min(err_.size, sizeof buffer_);
    return size ? std::string(buffer_, size) : "the plugin gives no reason";
  }

 private:
  char buffer_[1024];
  mcpr_err err_{buffer_, sizeof buffer_, 0};
};

}  // namespace mcpr::plugin
