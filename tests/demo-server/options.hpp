// The command line of mcp-demo-server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mcpr::demo {

struct Options {
  std::uint16_t port = 18081;
  std::string name = "demo";
  unsigned sse_events = 20;   // of the tool `events`, the answer included
  bool get_stream = false;    // GET /mcp opens a stream; otherwise 405
  bool handshake = true;      // speaks 2024-11-05 to 2025-11-25
  bool stateless = true;      // speaks 2026-07-28
  unsigned heartbeat_s = 15;  // comments on idle streams; 0: none
  std::size_t sessions = 100'000;
};

std::string_view usage();

// The options, or what is wrong with the arguments. `--help` gives the usage as the text of an error.
std::variant<Options, std::string> parse_options(int argc, char** argv);

}  // namespace mcpr::demo
