// Text of requests to Nacos: parameters in a query or a form.
#pragma once

#include <mcpr/abi.hpp>
#include <string>
#include <string_view>

namespace mcpr::nacos {

std::string percent_encode(std::string_view text);  // all but letters, digits and -._~
std::string encode_form(const sdk::KeyValues& parameters);

}  // namespace mcpr::nacos
