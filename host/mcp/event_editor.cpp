#include "host/mcp/event_editor.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "host/mcp/spans.hpp"

namespace mcpr::mcp {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kKept = 16 << 10;  // a stream lives for hours: one big event must not hold its memory so long

struct DataLine {
  std::string_view line;  // without its line end
  std::string_view value;
  bool colon;
};

struct Event {
  std::vector<DataLine> data;
  bool message = true;
};

// Takes the next line off the text, with its end.
std::string_view next_line(std::string_view& text) {
  std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  if (end < text.size()) end += text.substr(end).starts_with("\r\n") ? 2 : 1;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  return line;
}

Event read(std::string_view block) {
  Event event;
  while (!block.empty()) {
    const std::string_view whole = next_line(block);
    const std::string_view line = whole.substr(0, std::min(whole.find_first_of("\r\n"), whole.size()));
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (line.substr(0, colon) == "data") event.data.push_back({line, value, colon < line.size()});
    if (line.substr(0, colon) == "event") event.message = value.empty() || value == "message";
  }
  return event;
}

std::string joined(const std::vector<DataLine>& data) {
  std::string out;
  for (const DataLine& at : data) {
    if (&at != &data.front()) out += '\n';
    out.append(at.value);
  }
  return out;
}

// The edited data in place of the event's: on the first data line and as many more as it has line ends. The other data
// lines become comments: without them a CR before and an LF behind would become one line end.
std::string rebuild(std::string_view block, const std::vector<DataLine>& data, std::string_view edited) {
  std::vector<Edit> edits;
  std::string lines(data.front().colon ? "" : ":");
  for (const char c : edited) {
    lines += c;
    if (c == '\n') lines += "data: ";
  }
  edits.push_back({data.front().value, std::move(lines)});
  for (std::size_t i = 1; i < data.size(); ++i) edits.push_back({data[i].line, ":"});
  return mcp::apply(block, edits);
}

}  // namespace

void EventEditor::dispatch(std::string& out) {
  std::string_view block = block_;
  if (std::exchange(first_, false) && block.starts_with(kByteOrderMark)) {
    out.append(kByteOrderMark);
    block.remove_prefix(kByteOrderMark.size());
  }
  const Event event = read(block);
  const std::string text = event.data.size() > 1 ? joined(event.data) : std::string();
  const std::string_view json = event.data.size() == 1 ? event.data.front().value : std::string_view(text);
  Verdict verdict = json.empty() ? Verdict::pass : stage_.edit(json, edited_);
  if (verdict == Verdict::refused && !event.message) verdict = Verdict::pass;
  switch (verdict) {
    case Verdict::pass: out.append(block); break;
    case Verdict::changed: out.append(rebuild(block, event.data, edited_)); break;
    case Verdict::drop: break;
    case Verdict::refused: error_ = std::move(edited_); break;
  }
  block_.clear();
  if (block_.capacity() > kKept) block_ = {};
  if (edited_.capacity() > kKept) edited_ = {};
}

bool EventEditor::take(std::string_view run) {
  if (block_.size() + run.size() > max_) {
    too_big_ = true;
    error_ = "an event is larger than the limit of " + std::to_string(max_) + " bytes";
    return false;
  }
  block_.append(run);
  return true;
}

bool EventEditor::feed(std::string_view bytes, std::string& out) {
  while (error_.empty() && !bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      // The second half of a line end. After an event it goes on by itself.
      if (block_.empty()) {
        out += '\n';
      } else {
        block_ += '\n';
      }
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    const std::size_t run = std::min(end + 1, bytes.size());
    line_empty_ = line_empty_ && end == 0;
    if (!take(bytes.substr(0, run))) break;
    if (end < bytes.size()) {
      after_cr_ = bytes[end] == '\r';
      if (line_empty_) dispatch(out);
      line_empty_ = true;
    }
    bytes.remove_prefix(run);
  }
  return error_.empty();
}

}  // namespace mcpr::mcp
