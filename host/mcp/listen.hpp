// subscriptions/listen (2026-07-28, "Subscriptions"): a stream of notifications that a client has asked for, each with
// the id of the request in _meta.
#pragma once

#include <string>
#include <string_view>

#include "host/mcp/edit_stage.hpp"

namespace mcpr::mcp {

// Whether the params of the request ask for changes of the list of tools.
bool asks_for_tools(std::string_view params_json);

// What the router says itself on such a stream. `id`: that of the request, as JSON text.
std::string listen_acknowledged(std::string_view id);  // of changes of the list of tools only
std::string listen_tools_changed(std::string_view id);
std::string listen_complete(std::string_view id);  // the answer: the subscription has ended

// The stage "listen" over what an instance answers, where the router adds changes of the list of tools to what the
// instance agrees to. Its acknowledgement says so then. An instance that agrees to nothing, or does not know the
// method, may end its answer: the client is not told, for the router goes on alone.
class ListenAnswer final : public EditStage {
 public:
  Verdict edit(std::string_view json, std::string& out) override;
  bool acknowledged() const { return acknowledged_; }  // the instance has acknowledged
  bool agreed() const { return agreed_; }              // to something: the end of its answer ends the subscription
  bool answered() const { return answered_; }          // the client has been given the final answer

 private:
  bool acknowledged_ = false, agreed_ = false, answered_ = false;
};

}  // namespace mcpr::mcp
