// Asks the sources for a service that nobody has published.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/util/unique_function.hpp"

namespace mcpr::route {

class NameLookup {
 public:
  enum class Answer : std::uint8_t {
    found,   // the data threads have it now
    absent,  // no source has it
    failed,  // a source that may have it cannot say
    busy     // too many names are asked for
  };
  virtual ~NameLookup() = default;
  // [any] False: there is nobody to ask, or it is no name of a service.
  virtual bool worth_asking(std::string_view name) const = 0;
  // [any] `done` runs once, on the control thread.
  virtual void look_up(std::string name, UniqueFunction<void(Answer)> done) = 0;
};

}  // namespace mcpr::route
