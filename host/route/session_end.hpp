// The end of a session, whoever wants it.
#pragma once

#include <string_view>

#include "host/route/worker.hpp"

namespace mcpr::route {

enum class EndCause : std::uint8_t { client, upstream, expired, drain };

// [data thread] Once for each session; later calls do nothing. Takes it out of the table and the store, ends its
// upstream sessions (unless the instance has forgotten them) and its streams on all threads, and its live parts at its
// home.
void end_session(Worker& from, const session::SessionPtr& session, EndCause cause, std::string_view reason);

// [data thread] Ends the sessions that were silent for longer than the time to live. Those with a stream get
// heartbeats, which count.
void expire_sessions(Worker& from);

}  // namespace mcpr::route
