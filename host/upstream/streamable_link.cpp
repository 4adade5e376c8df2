#include "host/upstream/streamable_link.hpp"

#include <algorithm>

#include "host/upstream/goodbye.hpp"
#include "host/upstream/request.hpp"
#include "host/upstream/streamable_listen.hpp"
#include "host/upstream/streamable_post.hpp"

namespace mcpr::upstream {

StreamableLink::StreamableLink(const LinkContext& context, InstancePtr instance, LinkListener& listener)
    : context_(context),
      instance_(std::move(instance)),
      listener_(listener),
      sweep_(context.loop, [this] { ended_.clear(); }) {}

StreamableLink::~StreamableLink() = default;

void StreamableLink::send(std::string_view json, const mcp::Message& message, const mcp::Context& context,
                          mcp::ExchangeSink* sink) {
  posts_.push_back(std::make_unique<StreamablePost>(*this, message, sink));
  posts_.back()->start(json, context.fields);
}

void StreamableLink::forget(mcp::ExchangeSink* sink) {
  for (const auto& post : posts_) {
    if (post->sink() == sink) post->forget();
  }
}

void StreamableLink::open_listen() {
  if (listen_) return;
  listen_ = std::make_unique<StreamableListen>(*this);
  listen_->open();
}

void StreamableLink::get_stream(net::HttpCall& call, std::string_view last_event_id, net::Millis timeout) {
  RequestFacts facts;
  facts.verb = "GET";
  facts.body = false;
  facts.accept = "text/event-stream";
  facts.session_id = session_id_;
  facts.protocol_version = protocol_version_;
  facts.last_event_id = last_event_id;
  begin_head(head_, *instance_, facts);
  end_head(head_);
  context_.origins.of(instance_).send(call, head_, {}, {timeout, timeout});
}

void StreamableLink::done(StreamablePost& post) {
  const auto found = std::find_if(posts_.begin(), posts_.end(), [&](const auto& at) { return at.get() == &post; });
  if (found == posts_.end()) return;
  ended_.splice(ended_.end(), posts_, found);
  if (!sweep_.armed()) sweep_.arm(net::Millis(0));
}

void StreamableLink::lost(const mcp::ExchangeEnd& why) {
  session_id_.clear();
  listener_.on_link_lost(why);
}

void StreamableLink::finish() {
  if (!session_id_.empty()) say_goodbye(context_.origins, instance_, session_id_, protocol_version_);
  session_id_.clear();
}

}  // namespace mcpr::upstream
