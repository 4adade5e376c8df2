// What a gRPC answer says.
#pragma once

#include "link.hpp"
#include "rpc/wire.hpp"

namespace mcpr::nacos {

inline constexpr int kUnregistered = 301;  // errorCode: the server does not know this connection (any more)

Reply read_reply(Wire::Answer answer);

// `QueryServiceRequest` is for `naming`, as the member `module` of requests says.
std::string_view module_of(std::string_view type);
// The type of the acknowledgement of a pushed request; empty: it is none that wants one.
std::string acknowledgement_of(std::string_view type);

}  // namespace mcpr::nacos
