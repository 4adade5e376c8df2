// Runs an editing stage over a stream of server-sent events, in whatever pieces it arrives. An event leaves when it is
// whole; one that the stage passes leaves as the bytes it came in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/mcp/edit_stage.hpp"

namespace mcpr::mcp {

class EventEditor {
 public:
  EventEditor(EditStage& stage, std::size_t max_event_bytes) : stage_(stage), max_(max_event_bytes) {}

  // Appends to `out` what may go on. False: the stream is given up, error() says why; what was appended may still go
  // on. Data that the stage refuses ends a stream where it is a message; other events may hold what they like.
  bool feed(std::string_view bytes, std::string& out);
  const std::string& error() const { return error_; }
  bool too_big() const { return too_big_; }
  std::string_view rest() const { return block_; }  // the beginning of an event that has not come whole

 private:
  bool take(std::string_view run);
  void dispatch(std::string& out);  // the present event has come whole

  EditStage& stage_;
  const std::size_t max_;
  std::string block_;       // the lines of the present event, as they came
  std::string edited_;      // scratch
  bool line_empty_ = true;  // nothing stands on the present line yet
  bool after_cr_ = false;   // an LF now belongs to the line end before
  bool first_ = true;       // the stream may begin with a byte order mark
  bool too_big_ = false;
  std::string error_;
};

}  // namespace mcpr::mcp
