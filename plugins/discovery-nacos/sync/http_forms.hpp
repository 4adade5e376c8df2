// What is common to reading Nacos by HTTP.
#pragma once

#include <string>
#include <string_view>

#include "link.hpp"

namespace mcpr::nacos {

// The path is not served by this Nacos (another version, or switched off), as opposed to: the thing asked for is
// absent.
inline bool no_such_api(const Reply& reply) {
  return !reply.ok && (reply.code == 404 || reply.code == 405 || reply.code == 410 || reply.code == 501);
}

// Nothing was decided: it may work when tried again.
inline bool may_pass(const Reply& reply) {
  return !reply.ok && (reply.code == 0 || reply.code == 408 || reply.code == 429 || reply.code >= 500);
}

// %XX and + as in a form.
std::string decode_form(std::string_view text);

}  // namespace mcpr::nacos
