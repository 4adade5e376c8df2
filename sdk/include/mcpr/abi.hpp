// Between C++ and the plain data of the contract: strings, statuses, and exceptions that must not cross.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpr/plugin.h"

namespace mcpr::sdk {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

// Thrown by a plugin where a status other than E_INTERNAL is meant.
class Error : public std::runtime_error {
 public:
  Error(mcpr_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  mcpr_status status() const { return status_; }

 private:
  mcpr_status status_;
};

inline std::string_view view(mcpr_str text) { return text.size ? std::string_view(text.data, text.size) : ""; }
inline mcpr_str str(std::string_view text) { return {text.data(), text.size()}; }

// As much as the buffer holds, ending with a whole UTF-8 character.
inline void write_error(mcpr_err* err, std::string_view text) {
  if (!err || !err->buf) return;
  std::size_t size = std::min(err->cap, text.size());
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  err->size = size;
  if (err->size) std::memcpy(err->buf, text.data(), err->size);
}

// Runs f; what it throws becomes a status, and its text goes to on_error.
template <class F, class E>
mcpr_status guarded(F&& f, E&& on_error) noexcept {
  mcpr_status status = MCPR_E_INTERNAL;
  try {
    try {
      f();
      return MCPR_OK;
    } catch (const Error& error) {
      if (error.status() != MCPR_OK) status = error.status();  // what was thrown is no success
      on_error(status, std::string_view(error.what()));
    } catch (const std::exception& error) {
      on_error(status, std::string_view(error.what()));
    } catch (...) {
      on_error(status, std::string_view("the plugin threw something that is no std::exception"));
    }
  } catch (...) {  // telling of the error has failed, for want of memory: the status must do
  }
  return status;
}

}  // namespace mcpr::sdk
