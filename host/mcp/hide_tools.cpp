#include "host/mcp/hide_tools.hpp"

#include <vector>

#include "host/mcp/json_text.hpp"
#include "host/mcp/spans.hpp"

namespace mcpr::mcp {
namespace {

class Listing {
 public:
  Listing(JsonWalk& walk, std::string_view text, const ToolNames& hidden, std::vector<Edit>& edits)
      : walk_(walk), text_(text), hidden_(hidden), edits_(edits) {}

  // At the array. A hidden element goes with the comma and the space up to the next one that stays; the last ones go
  // with the comma before them.
  bool read() {
    const bool fine = walk_.array([this] { return element(); });
    if (fine && run_) cut(kept_ ? kept_ : run_, run_end_);
    return fine;
  }

 private:
  bool element() {
    const char* begin = text_.data() + walk_.offset();
    bool hide = false;
    std::string_view raw;
    if (walk_.peek() == '{') {
      const std::size_t from = walk_.offset();
      if (!members(walk_, [&](std::string_view key) { return member(key, hide); })) return false;
      raw = walk_.slice(from);
    } else if (!walk_.skip(raw)) {
      return false;
    }
    const char* end = raw.data() + raw.size();
    if (hide) {
      if (!run_) run_ = begin;
      run_end_ = end;
      return true;
    }
    if (run_) cut(std::exchange(run_, nullptr), begin);
    kept_ = end;
    return true;
  }

  bool member(std::string_view key, bool& hide) {
    if (key != "name" || walk_.peek() != '"') {
      std::string_view raw;
      return walk_.skip(raw);
    }
    std::string_view name;
    if (!walk_.string(name)) return false;
    if (name.find('\\') == std::string_view::npos) {
      hide = hide || hidden_.contains(name);
    } else {
      plain_.clear();
      // A lone surrogate is in no name that a source could give.
      hide = hide || (unescape(name, plain_) && hidden_.contains(plain_));
    }
    return true;
  }

  void cut(const char* from, const char* to) {
    edits_.push_back({std::string_view(from, static_cast<std::size_t>(to - from)), {}});
  }

  JsonWalk& walk_;
  const std::string_view text_;
  const ToolNames& hidden_;
  std::vector<Edit>& edits_;
  std::string plain_;
  const char* kept_ = nullptr;     // where the last element that stays ends
  const char* run_ = nullptr;      // where the hidden ones since then begin
  const char* run_end_ = nullptr;  // and end
};

}  // namespace

Verdict HideTools::edit(std::string_view json, std::string& out) {
  out.clear();
  const JsonText parsed(json);
  if (parsed.error()) {
    out = parsed.error();
    return Verdict::refused;
  }
  JsonWalk walk = parsed.walk();
  std::vector<Edit> edits;
  std::string_view raw;
  const bool fine = each_message(walk, [&] {
    return members(walk, [&](std::string_view key) {
      if (key != "result") return walk.skip(raw);
      return members(walk, [&](std::string_view part) {
        if (part != "tools" || walk.peek() != '[') return walk.skip(raw);
        return Listing(walk, parsed.text(), *hidden_, edits).read();
      });
    });
  });
  if (!fine) {
    out.assign(walk.error()).append(" at byte ").append(std::to_string(walk.error_at()));
    return Verdict::refused;
  }
  if (edits.empty()) return Verdict::pass;
  out = mcp::apply(parsed.text(), edits);
  return Verdict::changed;
}

}  // namespace mcpr::mcp
