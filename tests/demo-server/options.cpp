#include "tests/demo-server/options.hpp"

#include <charconv>
#include <optional>

namespace mcpr::demo {

namespace {

template <class T>
std::optional<T> number(std::string_view text, T least, T most) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return {};
  return value;
}

}  // namespace

std::string_view usage() {
  return "mcp-demo-server: a small MCP server on 127.0.0.1, with the tools echo, slow, big, fail, progress, events and "
         "count\n"
         "  --port N          TCP port (18081; 0: any free one)\n"
         "  --name NAME       name in serverInfo and in the answers of `count` (demo)\n"
         "  --sse-events N    events in an answer of the tool `events` (20)\n"
         "  --get-stream      GET /mcp opens a stream instead of answering 405\n"
         "  --heartbeat N     seconds between comments on idle streams, 0 for none (15)\n"
         "  --sessions N      the most sessions it keeps (100000)\n"
         "  --era ERA         handshake, stateless or both (both)\n"
         "  --help\n"
         "Endpoints: /mcp (streamable HTTP, 2025-03-26 to 2026-07-28) and /sse with /message (HTTP+SSE, 2024-11-05)\n";
}

std::variant<Options, std::string> parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view key = argv[i];
    if (key == "--help") return std::string(usage());
    if (key == "--get-stream") {
      options.get_stream = true;
      continue;
    }
    std::string_view value;
    if (const auto equals = key.find('='); equals != std::string_view::npos) {
      value = key.substr(equals + 1);
      key = key.substr(0, equals);
    } else if (i + 1 < argc) {
      value = argv[++i];
    } else {
      return "mcp-demo-server: unknown option, or one without its value: " + std::string(key) + "\n";
    }
    const std::string wrong = "mcp-demo-server: " + std::string(key) + ": not acceptable: " + std::string(value) + "\n";
    if (key == "--port") {
      const auto port = number<unsigned>(value, 0, 65535);
      if (!port) return wrong;
      options.port = static_cast<std::uint16_t>(*port);
    } else if (key == "--name") {
      if (value.empty() || value.find_first_of("\"\\\n") != std::string_view::npos) return wrong;
      options.name = value;
    } else if (key == "--sse-events") {
      const auto count = number<unsigned>(value, 1, 100'000);
      if (!count) return wrong;
      options.sse_events = *count;
    } else if (key == "--heartbeat") {
      const auto seconds = number<unsigned>(value, 0, 3600);
      if (!seconds) return wrong;
      options.heartbeat_s = *seconds;
    } else if (key == "--sessions") {
      const auto most = number<std::size_t>(value, 1, 10'000'000);
      if (!most) return wrong;
      options.sessions = *most;
    } else if (key == "--era") {
      if (value != "handshake" && value != "stateless" && value != "both") return wrong;
      options.handshake = value != "stateless";
      options.stateless = value != "handshake";
    } else {
      return "mcp-demo-server: unknown option: " + std::string(key) + " (see --help)\n";
    }
  }
  return options;
}

}  // namespace mcpr::demo
