// The stage "hide tools": cuts tools that are disabled out of listings.
#pragma once

#include "host/mcp/edit_stage.hpp"
#include "host/mcp/tool_names.hpp"

namespace mcpr::mcp {

// A listing is any result with an array `tools`, so that nobody needs to know which request it answers: it may come on
// another stream (Last-Event-ID) or in a batch. Where a key stands twice every reader's choice is cut; a tool with two
// names goes if either is hidden. What is no JSON is refused.
class HideTools final : public EditStage {
 public:
  explicit HideTools(ToolNamesPtr hidden) : hidden_(std::move(hidden)) {}
  Verdict edit(std::string_view json, std::string& out) override;

 private:
  const ToolNamesPtr hidden_;
};

}  // namespace mcpr::mcp
