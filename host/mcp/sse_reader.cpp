#include "host/mcp/sse_reader.hpp"

#include <algorithm>
#include <charconv>

namespace mcpr::mcp {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kKeptBuffer =
    16 << 10;  // a stream lives for hours: one big event must not hold its memory so long

void empty(std::string& s) {
  s.clear();
  if (s.capacity() > kKeptBuffer) s = {};
}

}  // namespace

void SseReader::Held::set(std::string_view value, bool stays) {
  owned_ = !stays;
  if (stays) {
    view_ = value;
  } else {
    own_.assign(value);
  }
}

void SseReader::Held::append_line(std::string_view value) {
  keep();
  own_.append(1, '\n').append(value);
}

void SseReader::Held::keep() {
  if (owned_) return;
  own_.assign(view_);
  owned_ = true;
}

void SseReader::Held::clear() {
  empty(own_);
  view_ = {};
  owned_ = false;
}

bool SseReader::begins_comment(std::string_view text) const {
  if (first_line_ && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text.starts_with(':');
}

bool SseReader::too_big() {
  error_ = "an event is larger than the limit of " + std::to_string(max_) + " bytes";
  return false;
}

void SseReader::dispatch(SseSink& sink) {
  if (has_data_ || has_id_ || retry_) {
    const std::string_view type = type_.get().empty() ? "message" : type_.get();
    sink.on_event({type, data_.get(), id_.get(), has_id_, retry_});
  }
  type_.clear();
  data_.clear();
  id_.clear();
  retry_.reset();
  has_data_ = has_id_ = false;
}

// `stays`: the text outlives this call of feed(), as far as the event is concerned.
bool SseReader::line(std::string_view text, bool stays, SseSink& sink) {
  const bool comment = begins_comment(text);
  if (!comment && text.size() > max_) return too_big();
  if (first_line_ && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  if (comment) return true;
  if (text.empty()) {
    dispatch(sink);
    return true;
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view field = text.substr(0, colon);
  std::string_view value = text.substr(std::min(colon + 1, text.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);

  if (field == "data") {
    if (has_data_) {
      if (type_.get().size() + id_.get().size() + data_.get().size() + 1 + value.size() > max_) return too_big();
      data_.append_line(value);
    } else {
      data_.set(value, stays);
    }
    has_data_ = true;
  } else if (field == "event") {
    type_.set(value, stays);
  } else if (field == "id") {
    if (value.find('\0') == std::string_view::npos) {
      id_.set(value, stays);
      has_id_ = true;
    }
  } else if (field == "retry") {
    unsigned ms = 0;
    const char* end = value.data() + value.size();
    const auto [stop, failed] = std::from_chars(value.data(), end, ms);
    if (failed == std::errc() && stop == end) retry_ = ms;
  }
  return type_.get().size() + id_.get().size() + data_.get().size() <= max_ || too_big();
}

bool SseReader::feed(std::string_view bytes, SseSink& sink) {
  if (!error_.empty()) return false;
  if (bytes.empty()) return true;
  if (after_cr_ && bytes[0] == '\n') bytes.remove_prefix(1);
  after_cr_ = false;

  // The next LF is remembered: with lines that end in CR alone it would be searched for over and over.
  std::size_t at = 0, lf = bytes.find('\n');
  while (at < bytes.size()) {
    if (lf != std::string_view::npos && lf < at) lf = bytes.find('\n', at);
    const std::string_view rest = bytes.substr(at, lf == std::string_view::npos ? lf : lf - at);
    const std::size_t cr = rest.find('\r');
    const bool ends = cr != std::string_view::npos || lf != std::string_view::npos;
    const std::string_view text = rest.substr(0, cr);
    const bool carried = !partial_.empty();
    if (!ends || carried) {
      const bool skipped = carried && begins_comment(partial_);
      if (!skipped) {
        // Not more than what shows that the line is too long: the peer decides how long it is.
        partial_.append(text.substr(0, max_ + 1 - std::min(partial_.size(), max_)));
      }
    }
    if (!ends) {
      if (begins_comment(partial_)) {
        partial_.resize(first_line_ && partial_[0] != ':' ? kByteOrderMark.size() + 1 : 1);
      } else if (partial_.size() > max_) {
        return too_big();
      }
      break;
    }
    if (!line(carried ? std::string_view(partial_) : text, !carried, sink)) return false;
    empty(partial_);
    at += text.size() + 1;
    if (cr == std::string_view::npos) continue;
    if (at == bytes.size()) {
      after_cr_ = true;
    } else if (bytes[at] == '\n') {
      ++at;
    }
  }
  type_.keep();
  data_.keep();
  id_.keep();
  return true;
}

}  // namespace mcpr::mcp
