// DELETE of an upstream session: sent and not waited for.
#pragma once

#include <string_view>

#include "host/upstream/origins.hpp"

namespace mcpr::upstream {

void say_goodbye(Origins& origins, const InstancePtr& instance, std::string_view session_id,
                 std::string_view protocol_version);

}  // namespace mcpr::upstream
