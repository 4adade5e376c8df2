// Session ids: 128 bits from the kernel's generator, written as a version 4 UUID (visible ASCII, as the protocol
// demands).
#pragma once

#include <string>

namespace mcpr::session {

std::string new_id();

}  // namespace mcpr::session
