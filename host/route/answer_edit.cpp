#include "host/route/answer_edit.hpp"

#include <utility>

#include "host/mcp/sse_writer.hpp"

namespace mcpr::route {

AnswerEdit::AnswerEdit(std::unique_ptr<mcp::EditStage> stage, std::vector<std::string> own_answers, std::size_t most)
    : stage_(std::move(stage)), own_(std::move(own_answers)) {
  if (stage_) events_.emplace(*stage_, most);
}

bool AnswerEdit::feed(std::string_view piece, std::string& out) {
  if (!std::exchange(own_sent_, true)) {
    for (const std::string& json : own_) mcp::append_event(out, "message", json);
  }
  if (!events_) {
    out.append(piece);
    return true;
  }
  if (events_->feed(piece, out)) return true;
  error_ = events_->error();
  return false;
}

bool AnswerEdit::edit(std::string_view json, std::string& out) {
  const mcp::Verdict verdict = stage_ ? stage_->edit(json, out) : mcp::Verdict::pass;
  if (verdict == mcp::Verdict::pass) out.assign(json);
  if (verdict != mcp::Verdict::refused) return true;
  error_ = std::move(out);
  return false;
}

std::string AnswerEdit::with_own(std::string_view json) const {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = json.find_first_not_of(kSpace);
  std::string_view inner;  // the elements that are there
  if (first != std::string_view::npos) {
    inner = json.substr(first, json.find_last_not_of(kSpace) + 1 - first);
    if (inner.starts_with('[') && inner.ends_with(']')) inner = inner.substr(1, inner.size() - 2);
  }
  std::string out = "[";
  out.append(inner);
  bool empty = inner.find_first_not_of(kSpace) == std::string_view::npos;
  for (const std::string& answer : own_) {
    if (!std::exchange(empty, false)) out += ',';
    out.append(answer);
  }
  return out += ']';
}

}  // namespace mcpr::route
