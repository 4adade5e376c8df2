#include "host/upstream/streamable_post.hpp"

#include "host/mcp/error.hpp"
#include "host/mcp/initialize.hpp"
#include "host/mcp/media.hpp"
#include "host/upstream/request.hpp"

namespace mcpr::upstream {

using net::Field;

namespace {
constexpr unsigned kMaxResumes = 100;
constexpr std::size_t kErrorText = 300;
}  // namespace

StreamablePost::StreamablePost(StreamableLink& link, const mcp::Message& message, mcp::ExchangeSink* sink)
    : link_(link),
      sink_(sink),
      reader_(link.context_.peeker, *this, link.context_.max_message),
      id_(message.id),
      initialize_(message.kind == mcp::Kind::request && message.method == "initialize"),
      initialized_(message.kind == mcp::Kind::notification && message.method == "notifications/initialized"),
      timeout_(response_timeout(message)),
      retry_(link.context_.loop, [this] { resume(); }) {}

net::Millis StreamablePost::response_timeout(const mcp::Message& message) const {
  const catalog::Timeouts& timeouts = link_.instance_->timeouts();
  if (message.method == "tools/call" && !timeouts.tools.empty()) {
    if (const auto found = timeouts.tools.find(std::string(message.name)); found != timeouts.tools.end())
      return found->second;
  }
  return timeouts.response;
}

void StreamablePost::start(std::string_view json, std::string_view fields) {
  RequestFacts facts;
  facts.session_id = link_.session_id_;
  facts.protocol_version = link_.protocol_version_;
  facts.body_size = json.size();
  begin_head(link_.head_, *link_.instance_, facts);
  link_.head_.append(fields);
  end_head(link_.head_);
  link_.context_.origins.of(link_.instance_).send(*this, link_.head_, json, {timeout_, timeout_});
}

// The instance ended the stream before the answer, which it may after an event with an id: the rest is asked for.
void StreamablePost::resume() { link_.get_stream(*this, reader_.last_event_id(), timeout_); }

void StreamablePost::on_response(net::ResponseHead& head) {
  status_ = head.status;
  const bool stream = mcp::is_event_stream(head.headers.get(Field::content_type));
  reader_.start(stream);
  if (initialize_ && status_ == 200) link_.session_id_.assign(head.headers.get(Field::mcp_session_id));
}

void StreamablePost::on_body(std::string_view piece) {
  if (ended_) return;
  if (status_ >= 300) {
    if (error_text_.size() < kErrorText) error_text_.append(piece.substr(0, kErrorText - error_text_.size()));
    return;
  }
  if (!id_.empty() && !reader_.feed(piece)) {
    cancel();
    end({mcp::ExchangeEnd::Cause::failed, true, reader_.reason(), reader_.error()});
  }
}

void StreamablePost::on_done() {
  if (ended_) return;
  if (status_ >= 300) return bad_status();
  if (id_.empty()) {
    if (initialized_) link_.open_listen();
    return end({});
  }
  if (!reader_.finish()) return end({mcp::ExchangeEnd::Cause::failed, true, reader_.reason(), reader_.error()});
  if (ended_) return;
  if (answered_) return end({});
  if (!reader_.last_event_id().empty() && ++resumes_ <= kMaxResumes) {
    retry_.arm(net::Millis(reader_.retry_ms().value_or(1000)));
    return;
  }
  end({mcp::ExchangeEnd::Cause::failed, true, "closed", "the answer ended before the response"});
}

void StreamablePost::bad_status() {
  mcp::ExchangeEnd why{mcp::ExchangeEnd::Cause::failed, true, "status", "HTTP " + std::to_string(status_)};
  if (!error_text_.empty()) why.text += ": " + error_text_;
  if (status_ == 404 && !link_.session_id_.empty()) {
    why.cause = mcp::ExchangeEnd::Cause::forgotten;
    why.may_have_run = false;
    why.reason = "forgotten";
    StreamableLink& link = link_;
    end(why);
    return link.lost(why);
  }
  end(why);
}

void StreamablePost::on_failed(const net::HttpFailure& failure) {
  if (ended_) return;
  if (!answered_ && !reader_.last_event_id().empty() && ++resumes_ <= kMaxResumes &&
      failure.cause != net::HttpFailure::Cause::response_timeout) {
    retry_.arm(net::Millis(reader_.retry_ms().value_or(1000)));
    return;
  }
  if (answered_) return end({});
  end(end_of(failure));
}

void StreamablePost::on_message(std::string_view json, const mcp::Message& message) {
  if (message.kind == mcp::Kind::request || message.kind == mcp::Kind::notification) {
    extend(timeout_);
  } else {
    if (message.id != id_) return;  // an answer to somebody else's request does not belong here
    answered_ = true;
    if (initialize_ && message.kind == mcp::Kind::response) {
      if (const auto facts = mcp::read_initialize_result(message.result))
        link_.protocol_version_ = facts->protocol_version;
    }
  }
  if (sink_) sink_->on_message(json, message);
}

void StreamablePost::end(const mcp::ExchangeEnd& why) {
  if (ended_) return;
  ended_ = true;
  retry_.cancel();
  mcp::ExchangeSink* sink = std::exchange(sink_, nullptr);
  link_.done(*this);
  if (sink) sink->on_end(why);
}

}  // namespace mcpr::upstream
