// Finds the answers in the body of an instance's HTTP answer, whatever its form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/mcp/initialize.hpp"
#include "host/upstream/message_reader.hpp"

namespace mcpr::route {

class AnswerFinder final : private upstream::MessageTarget {
 public:
  AnswerFinder(mcp::Peeker& peeker, std::size_t most) : reader_(peeker, *this, most) {}

  // `whole`: nothing follows the bytes.
  void read(std::string_view bytes, bool event_stream, bool whole) {
    reader_.start(event_stream);
    reader_.feed(bytes);
    if (whole) reader_.finish();
  }
  std::vector<std::string> answers;       // results and errors, as JSON
  std::optional<mcp::ServerFacts> facts;  // of the last one, where it is the result of `initialize`

 private:
  void on_message(std::string_view, const mcp::Message& message) override {
    if (message.kind == mcp::Kind::response) facts = mcp::read_initialize_result(message.result);
    if (message.kind == mcp::Kind::response || message.kind == mcp::Kind::error) answers.emplace_back(message.raw);
  }
  upstream::MessageReader reader_;
};

}  // namespace mcpr::route
