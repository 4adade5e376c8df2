// How a source learns of changes at the moment.
#pragma once

#include <cstdint>

namespace mcpr::nacos {

enum class Way : std::uint8_t {
  none,  // not at all: what is known stays
  push,  // gRPC is connected
  poll,  // by HTTP
};

}  // namespace mcpr::nacos
