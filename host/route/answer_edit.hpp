// What the router does to an instance's answer besides passing it on: an editing stage over its messages, and answers
// of its own to requests of a batch that the instance was not asked. No I/O.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/mcp/event_editor.hpp"

namespace mcpr::route {

class AnswerEdit {
 public:
  // A stage may be missing. `most`: bytes of a single event.
  AnswerEdit(std::unique_ptr<mcp::EditStage> stage, std::vector<std::string> own_answers, std::size_t most);

  // A piece of an event stream: appends to `out` what may go on. False: no more of the answer may, error() says why.
  bool feed(std::string_view piece, std::string& out);
  // A whole JSON body, or one message of it. False: as above.
  bool edit(std::string_view json, std::string& out);
  // The body with the router's own answers, as an array; an empty one gives these alone.
  std::string with_own(std::string_view json) const;
  bool has_own() const { return !own_.empty(); }
  const std::string& error() const { return error_; }
  bool too_big() const { return events_ && events_->too_big(); }

 private:
  std::unique_ptr<mcp::EditStage> stage_;
  std::optional<mcp::EventEditor> events_;
  std::vector<std::string> own_;
  bool own_sent_ = false;
  std::string error_;
};

}  // namespace mcpr::route
