// An editing stage: changes messages of an instance on their way to the client, by spans (spans.hpp). What it does not
// change goes on byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcpr::mcp {

enum class Verdict : std::uint8_t {
  pass,
  changed,  // `out` is the text instead
  drop,     // the client must not see it
  refused   // it cannot be read, so that nobody knows whether the client may see it; `out` says why, for people
};

class EditStage {
 public:
  virtual ~EditStage() = default;
  // One message or a batch, as JSON text. `out` is cleared first.
  virtual Verdict edit(std::string_view json, std::string& out) = 0;
};

}  // namespace mcpr::mcp
