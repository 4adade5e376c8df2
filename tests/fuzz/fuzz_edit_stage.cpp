// The editing stages: what leaves is JSON where JSON came, no hidden tool is left in a listing and no other one is
// missing; a stream of events edited in any pieces is the stream of the edited events. The first byte of the input
// chooses between a message and a stream.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "host/mcp/event_editor.hpp"
#include "host/mcp/hide_tools.hpp"
#include "host/mcp/listen.hpp"
#include "host/mcp/sse_reader.hpp"
#include "host/mcp/tell_changes.hpp"

namespace {

namespace json = boost::json;
using mcpr::mcp::EditStage;
using mcpr::mcp::Verdict;

constexpr std::string_view kHidden = "b";

void require(bool fine) {
  if (!fine) std::abort();
}

// Lone surrogates and numbers out of range are grammar, which is what the stages check, but not values.
json::value parse(std::string_view text, bool& fine) {
  json::parse_options options;
  options.max_depth = 1024;
  json::error_code error;
  json::stream_parser parser({}, options);
  parser.write(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  const bool surrogates = text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;
  require(!error || error == json::error::exponent_overflow || surrogates);
  fine = !error;
  return error ? json::value() : parser.release();
}

// As text: 0E444444 becomes a number that is not equal to itself.
bool same(const json::value& a, const json::value& b) { return json::serialize(a) == json::serialize(b); }

json::array* tools_of(json::value& message) {
  json::object* object = message.if_object();
  json::value* result = object ? object->if_contains("result") : nullptr;
  json::object* inner = result ? result->if_object() : nullptr;
  json::value* tools = inner ? inner->if_contains("tools") : nullptr;
  return tools ? tools->if_array() : nullptr;
}

bool is_hidden(const json::value& tool) {
  const json::object* object = tool.if_object();
  const json::value* name = object ? object->if_contains("name") : nullptr;
  return name && name->is_string() && std::string_view(name->get_string()) == kHidden;
}

// `after` must be `before` without its hidden tools. A tool with a second name that is hidden may be gone too: the
// parser keeps the last of repeated keys only.
void check_listing(json::value& before, json::value& after) {
  json::array* from = tools_of(before);
  json::array* to = tools_of(after);
  require(!from == !to);
  if (!to) return require(same(before, after));
  require(std::none_of(to->begin(), to->end(), is_hidden));
  auto at = from->begin();
  for (const json::value& tool : *to) {
    at = std::find_if(at, from->end(), [&](const json::value& one) { return same(one, tool); });
    require(at++ != from->end());
  }
  from->clear();
  to->clear();
  require(same(before, after));
}

void check_message(std::string_view text) {
  mcpr::mcp::HideTools hide(
      std::make_shared<const mcpr::mcp::ToolNames>(std::vector<std::string>{std::string(kHidden)}));
  std::string out;
  const Verdict verdict = hide.edit(text, out);
  if (verdict == Verdict::refused) require(!out.empty());
  if (verdict != Verdict::refused) {
    bool fine = false, still = false;
    json::value before = parse(text, fine);
    json::value after = parse(verdict == Verdict::changed ? std::string_view(out) : text, still);
    if (fine && still) {
      if (before.is_array() && after.is_array()) {
        require(before.get_array().size() == after.get_array().size());
        for (std::size_t i = 0; i < before.get_array().size(); ++i)
          check_listing(before.get_array()[i], after.get_array()[i]);
      } else {
        check_listing(before, after);
      }
    }
    std::string again;
    if (verdict == Verdict::changed) require(hide.edit(out, again) == Verdict::pass);
  }
  mcpr::mcp::TellChanges tell;
  mcpr::mcp::ListenAnswer listen;
  for (EditStage* stage : {static_cast<EditStage*>(&tell), static_cast<EditStage*>(&listen)}) {
    if (stage->edit(text, out) != Verdict::changed) continue;
    bool fine = false;
    parse(out, fine);
    std::string again;
    require(stage->edit(out, again) == Verdict::pass);
  }
  mcpr::mcp::asks_for_tools(text);
}

struct Seen {
  std::string type, data, id;
  bool operator==(const Seen&) const = default;
};

struct Collect : mcpr::mcp::SseSink {
  void on_event(const mcpr::mcp::SseEvent& e) override {
    events.push_back({std::string(e.type), std::string(e.data), std::string(e.id)});
  }
  std::vector<Seen> events;
};

std::vector<Seen> events_of(std::string_view stream) {
  mcpr::mcp::SseReader reader(1 << 20);
  Collect sink;
  reader.feed(stream, sink);
  return sink.events;
}

void check_stream(std::string_view stream) {
  mcpr::mcp::HideTools hide(
      std::make_shared<const mcpr::mcp::ToolNames>(std::vector<std::string>{std::string(kHidden)}));
  std::string whole, error;
  for (const std::size_t piece : {stream.size(), std::size_t{1}, std::size_t{5}}) {
    mcpr::mcp::EventEditor editor(hide, 1 << 20);
    std::string out;
    for (std::size_t i = 0; i < stream.size(); i += piece) {
      const std::string copy(stream.substr(i, piece));  // freed at once: a view kept into it is found by ASan
      if (!editor.feed(copy, out)) break;
    }
    if (piece == stream.size()) {
      whole = out;
      error = editor.error();
    }
    require(out == whole && editor.error() == error);
  }
  std::vector<Seen> expected;
  for (Seen& event : events_of(stream)) {
    std::string edited;
    const Verdict verdict = event.data.empty() ? Verdict::pass : hide.edit(event.data, edited);
    if (verdict == Verdict::refused && event.type == "message") break;
    if (verdict == Verdict::changed) event.data = edited;
    expected.push_back(std::move(event));
  }
  require(events_of(whole) == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 's') {
    check_stream(text);
  } else {
    check_message(text);
  }
  return 0;
}
