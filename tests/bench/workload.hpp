// What a client of the benchmark sends, and what it accepts as the answer. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcpr::bench {

enum class Mode : std::uint8_t {
  plain,    // tools/call echo, body of `body_bytes`
  big,      // tools/call big: an answer of `answer_bytes`
  sse,      // tools/call events: a stream of `events` events
  idle,     // sessions that are opened and left
  streams,  // sessions, each with a GET stream that stays open
};

struct Workload {
  Mode mode = Mode::plain;
  std::uint16_t port = 0;
  std::string path = "/mcp";
  std::size_t body_bytes = 200;
  std::size_t answer_bytes = 100'000;
  unsigned events = 20;     // of that stream, the answer included
  std::string tool_prefix;  // what a gateway puts before the names of tools
};

std::string initialize_request(const Workload& workload, std::uint64_t id);
std::string initialized_request(const Workload& workload, std::string_view session);
std::string stream_request(const Workload& workload, std::string_view session);

// The calls of one session: the same bytes every time, save for the id, which is written into them.
class CallTemplate {
 public:
  CallTemplate() = default;
  CallTemplate(const Workload& workload, std::string_view session);
  std::string_view with_id(std::uint64_t id);  // valid until the next call

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::string bytes_;
  std::size_t id_at_ = kNone;
  std::size_t text_at_ = kNone;  // echo's text holds the id too
};

// Ids have a fixed number of digits, so that one cannot be found within another.
inline constexpr std::uint64_t kFirstId = 100'000'000'000;
inline constexpr unsigned kIdDigits = 12;

// nullptr, or why this is not the answer to the call `id`.
const char* wrong_with(const Workload& workload, std::uint64_t id, unsigned status, std::string_view body);
const char* wrong_with_initialize(std::uint64_t id, unsigned status, std::string_view body);

}  // namespace mcpr::bench
