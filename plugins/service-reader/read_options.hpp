// The settings of a service that the contract carries as one JSON object.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "fields.hpp"

namespace mcpr::reader {

inline constexpr std::array<std::string_view, 6> kOptionKeys{"headers",        "timeouts", "forward-authorization",
                                                             "forward-cookie", "ca-file",  "load-balancer"};

// The object's text; empty where none of the keys is given. Keys and values are checked as the router will.
std::string read_options(Fields& fields, const Fields::Keys& keys);

}  // namespace mcpr::reader
