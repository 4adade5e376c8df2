#include "host/upstream/sse_link.hpp"

#include <algorithm>

#include "host/mcp/media.hpp"
#include "host/upstream/request.hpp"
#include "host/upstream/streamable_link.hpp"

namespace mcpr::upstream {

namespace {
constexpr std::size_t kMaxQueued = 256;
}

// A POST to the endpoint: only its status matters, the answer comes on the stream.
class SsePost final : private net::HttpCall {
 public:
  SsePost(SseLink& link, std::string id, mcp::ExchangeSink* sink) : id(std::move(id)), sink(sink), link_(link) {}
  void start(std::string_view head, std::string_view body) {
    link_.context_.origins.of(link_.instance_).send(*this, head, body, {link_.instance_->timeouts().response, {}});
  }
  const std::string id;     // of a request
  mcp::ExchangeSink* sink;  // of a notification or a response

 private:
  void on_response(net::ResponseHead& head) override { status_ = head.status; }
  void on_body(std::string_view piece) override {
    if (status_ >= 300 && text_.size() < 300) text_.append(piece.substr(0, 300 - text_.size()));
  }
  void on_done() override {
    if (status_ < 300) return link_.posted(*this, {});
    link_.posted(*this, {mcp::ExchangeEnd::Cause::failed, status_ >= 500, "status",
                         "HTTP " + std::to_string(status_) + ": " + text_});
  }
  void on_failed(const net::HttpFailure& failure) override { link_.posted(*this, end_of(failure)); }

  SseLink& link_;
  unsigned status_ = 0;
  std::string text_;
};

SseLink::SseLink(const LinkContext& context, InstancePtr instance, LinkListener& listener)
    : context_(context),
      instance_(std::move(instance)),
      listener_(listener),
      reader_(context.peeker, *this, context.max_message),
      sweep_(context.loop, [this] { ended_.clear(); }),
      expiry_(context.loop, [this] { expire(); }) {
  RequestFacts facts;
  facts.verb = "GET";
  facts.body = false;
  facts.accept = "text/event-stream";
  begin_head(head_, *instance_, facts);
  end_head(head_);
  context_.origins.of(instance_).send(*this, head_, {}, {instance_->timeouts().connect, net::Millis(0)});
}

SseLink::~SseLink() = default;

void SseLink::on_response(net::ResponseHead& head) {
  status_ = head.status;
  const bool stream = status_ == 200 && mcp::is_event_stream(head.headers.get(net::Field::content_type));
  reader_.start(true);
  if (stream) return;
  cancel();
  lose({mcp::ExchangeEnd::Cause::failed, false, "status",
        "the SSE stream was answered with HTTP " + std::to_string(status_) + " " +
            std::string(head.headers.get(net::Field::content_type))});
}

void SseLink::on_body(std::string_view piece) {
  if (lost_ || reader_.feed(piece)) return;
  cancel();
  lose({mcp::ExchangeEnd::Cause::failed, true, reader_.reason(), reader_.error()});
}

void SseLink::on_done() {
  lose({mcp::ExchangeEnd::Cause::failed, true, "closed", "the instance ended the SSE stream"});
}

void SseLink::on_failed(const net::HttpFailure& failure) { lose(end_of(failure)); }

void SseLink::on_other_event(const mcp::SseEvent& event) {
  if (event.type != "endpoint" || !endpoint_.empty()) return;
  const catalog::Instance& facts = instance_->facts();
  endpoint_ = resolve_endpoint(instance_->path(), event.data, facts.tls ? "https" : "http", facts.host, facts.port);
  if (endpoint_.empty()) {
    cancel();
    return lose(
        {mcp::ExchangeEnd::Cause::failed, false, "protocol", "the instance named an endpoint on another origin"});
  }
  while (!queue_.empty()) {
    Queued next = std::move(queue_.front());
    queue_.pop_front();
    post(std::move(next));
  }
}

void SseLink::send(std::string_view json, const mcp::Message& message, const mcp::Context& context,
                   mcp::ExchangeSink* sink) {
  Queued out{std::string(json), context.fields, {}, sink};
  if (message.kind == mcp::Kind::request) {
    out.id = message.id;
    net::Millis timeout = instance_->timeouts().response;
    if (message.method == "tools/call") {
      const auto& tools = instance_->timeouts().tools;
      if (const auto found = tools.find(std::string(message.name)); found != tools.end()) timeout = found->second;
    }
    pending_[out.id] = {sink, std::string(message.progress_token), net::Clock::now() + timeout, timeout};
    if (!expiry_.armed()) expiry_.arm(net::Millis(500));
  }
  if (!endpoint_.empty()) return post(std::move(out));
  if (queue_.size() < kMaxQueued) return queue_.push_back(std::move(out));
  const mcp::ExchangeEnd why{mcp::ExchangeEnd::Cause::failed, false, "overload",
                             "too many messages wait for the SSE stream to open"};
  if (!out.id.empty()) return end_request(out.id, why);
  if (sink) sink->on_end(why);
}

void SseLink::post(Queued message) {
  RequestFacts facts;
  facts.path = endpoint_;
  facts.accept = "application/json, text/event-stream";
  facts.body_size = message.json.size();
  begin_head(head_, *instance_, facts);
  head_.append(message.fields);
  end_head(head_);
  posts_.push_back(std::make_unique<SsePost>(*this, message.id, message.id.empty() ? message.sink : nullptr));
  posts_.back()->start(head_, message.json);
}

void SseLink::posted(SsePost& post, const mcp::ExchangeEnd& why) {
  const auto found = std::find_if(posts_.begin(), posts_.end(), [&](const auto& at) { return at.get() == &post; });
  if (found == posts_.end()) return;
  ended_.splice(ended_.end(), posts_, found);
  if (!sweep_.armed()) sweep_.arm(net::Millis(0));
  if (post.id.empty()) {
    if (post.sink) post.sink->on_end(why);
  } else if (why.cause != mcp::ExchangeEnd::Cause::answered) {
    end_request(post.id, why);
  }
}

void SseLink::end_request(const std::string& id, const mcp::ExchangeEnd& why) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  mcp::ExchangeSink* sink = found->second.sink;
  pending_.erase(found);
  if (sink) sink->on_end(why);
}

void SseLink::on_message(std::string_view json, const mcp::Message& message) {
  if (message.kind == mcp::Kind::response || message.kind == mcp::Kind::error) {
    const std::string id(message.id);
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;  // late, or to a request that nobody made
    if (found->second.sink) found->second.sink->on_message(json, message);
    return end_request(id, {});
  }
  if (message.method == "notifications/progress" && !message.progress_token.empty()) {
    for (auto& [id, pending] : pending_) {
      if (pending.progress_token != message.progress_token) continue;
      pending.deadline = net::Clock::now() + pending.timeout;
      if (pending.sink) return pending.sink->on_message(json, message);
    }
  }
  listener_.on_upstream_message(json, message);
}

void SseLink::expire() {
  const net::TimePoint now = net::Clock::now();
  std::vector<std::string> late;
  for (const auto& [id, pending] : pending_) {
    if (pending.deadline <= now) late.push_back(id);
  }
  for (const std::string& id : late) {
    end_request(id, {mcp::ExchangeEnd::Cause::failed, true, "timeout", "no answer within the response time-out"});
  }
  if (!pending_.empty()) expiry_.arm(net::Millis(500));
}

void SseLink::forget(mcp::ExchangeSink* sink) {
  for (auto& [id, pending] : pending_) {
    if (pending.sink == sink) pending.sink = nullptr;
  }
  for (Queued& at : queue_) {
    if (at.sink == sink) at.sink = nullptr;
  }
  for (const auto& post : posts_) {
    if (post->sink == sink) post->sink = nullptr;
  }
}

void SseLink::lose(const mcp::ExchangeEnd& why) {
  if (std::exchange(lost_, true)) return;
  while (!pending_.empty()) end_request(std::string(pending_.begin()->first), why);
  listener_.on_link_lost(why);
}

std::unique_ptr<Link> make_link(const LinkContext& context, InstancePtr instance, LinkListener& listener) {
  if (instance->sse()) return std::make_unique<SseLink>(context, std::move(instance), listener);
  return std::make_unique<StreamableLink>(context, std::move(instance), listener);
}

mcp::ExchangeEnd end_of(const net::HttpFailure& failure) {
  using Cause = net::HttpFailure::Cause;
  mcp::ExchangeEnd out{mcp::ExchangeEnd::Cause::failed, failure.sent, "closed", failure.text};
  switch (failure.cause) {
    case Cause::resolve:
    case Cause::connect:
    case Cause::connect_timeout: out.reason = "unreachable"; break;
    case Cause::tls: out.reason = "tls"; break;
    case Cause::overload: out.reason = "overload"; break;
    case Cause::response_timeout: out.reason = "timeout"; break;
    case Cause::protocol: out.reason = "protocol"; break;
    case Cause::closed: break;
  }
  return out;
}

}  // namespace mcpr::upstream
