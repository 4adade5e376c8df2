// Reading server-sent events: the same stream gives the same events, in one piece, in pieces and byte by byte, and what
// is written is read back. The first byte of the input chooses the limit.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/mcp/sse_reader.hpp"
#include "host/mcp/sse_writer.hpp"

namespace {

void require(bool fine) {
  if (!fine) std::abort();
}

struct Seen {
  std::string type, data, id;
  bool has_id;
  std::optional<unsigned> retry;
  bool operator==(const Seen&) const = default;
};

struct Collect : mcpr::mcp::SseSink {
  void on_event(const mcpr::mcp::SseEvent& e) override {
    events.push_back({std::string(e.type), std::string(e.data), std::string(e.id), e.has_id, e.retry});
  }
  std::vector<Seen> events;
};

struct Outcome {
  std::vector<Seen> events;
  bool fine = true;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view stream, std::size_t limit, std::size_t piece) {
  mcpr::mcp::SseReader reader(limit);
  Collect sink;
  Outcome outcome;
  for (std::size_t i = 0; outcome.fine && i < stream.size(); i += piece) {
    const std::string copy(stream.substr(i, piece));  // freed at once: a view kept into it is found by ASan
    outcome.fine = reader.feed(copy, sink);
    require(outcome.fine == reader.error().empty());
  }
  outcome.events = std::move(sink.events);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t limit = 64 + data[0];
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(stream, limit, stream.size());
  for (const std::size_t piece : {1u, 2u, 7u}) require(read(stream, limit, piece) == whole);

  std::string written;
  for (const Seen& e : whole.events) {
    require(e.type.size() <= limit && e.data.size() + e.id.size() <= limit);
    written.clear();
    mcpr::mcp::append_event(written, e.type, e.data, e.id);
    const Outcome again = read(written, size + 64, written.size());
    require(again.fine && again.events.size() == 1);
    require(again.events[0].type == e.type && again.events[0].data == e.data && again.events[0].id == e.id);
  }
  return 0;
}
