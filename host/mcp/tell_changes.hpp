// The stage "listChanged": the answer to `initialize` or `server/discover` of a service that can tell the router when
// its tools change says `"capabilities":{"tools":{"listChanged":true}}`, since the router passes that on.
#pragma once

#include "host/mcp/edit_stage.hpp"

namespace mcpr::mcp {

// What a client of the handshake era is told then.
inline constexpr std::string_view kToolListChanged = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";

// A service without the capability `tools`, or an answer that cannot be read, stays as it is.
class TellChanges final : public EditStage {
 public:
  Verdict edit(std::string_view json, std::string& out) override;
};

}  // namespace mcpr::mcp
