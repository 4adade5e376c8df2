#include "host/route/live_session.hpp"

#include <algorithm>

#include "host/mcp/error.hpp"
#include "host/mcp/hide_tools.hpp"
#include "host/mcp/initialize.hpp"
#include "host/mcp/tell_changes.hpp"
#include "host/route/session_end.hpp"

namespace mcpr::route {

using metrics::Counter;

// A request of the client under way.
class LiveSession::Call final : public mcp::ExchangeSink {
 public:
  Call(LiveSession& session, const mcp::Message& message, const ClientRef& answer, std::size_t max_kept)
      : answer(answer),
        initialize(message.method == "initialize"),
        lists_tools(message.method == "tools/list"),
        exchange(std::string(message.id), std::string(message.progress_token), this, max_kept),
        session_(session),
        begun_(net::Clock::now()) {}

  void on_message(std::string_view json, const mcp::Message& message) override {
    const bool last = message.kind == mcp::Kind::response || message.kind == mcp::Kind::error;
    std::string edited;  // empty: as it came
    if (last) {
      answered_ = true;
      if (initialize && message.kind == mcp::Kind::response) session_.initialized(message, edited);
      if (lists_tools) edited = session_.without_hidden(*this, json);
    }
    session_.reply(answer, edited.empty() ? json : std::string_view(edited), last);
  }
  void on_end(const mcp::ExchangeEnd& end) override {
    if (!answered_) {
      session_.worker_.count_failure(end);
      session_.reply(answer,
                     mcp::upstream_failure_body(exchange.id(), session_.session_->service(),
                                                session_.instance_ ? session_.instance_->id() : std::string(),
                                                end.reason, end.text, !end.may_have_run),
                     true);
    }
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(net::Clock::now() - begun_);
    session_.worker_.cells.latency(static_cast<std::uint64_t>(took.count()));
    session_.ended(*this);
  }

  ClientRef answer;
  const bool initialize;
  const bool lists_tools;
  mcp::Exchange exchange;

 private:
  LiveSession& session_;
  net::TimePoint begun_;
  bool answered_ = false;
};

LiveSession::LiveSession(Worker& worker, session::SessionPtr session, upstream::EntryPtr entry)
    : worker_(worker),
      session_(std::move(session)),
      entry_(std::move(entry)),
      sweep_(worker.loop, [this] { ended_.clear(); }) {}

LiveSession::~LiveSession() = default;

void LiveSession::receive(std::string body, const ClientRef& answer, const mcp::Context& context) {
  body.reserve(body.size() + mcp::kPadding);
  const mcp::Peeked peeked = worker_.peeker.read(body);
  if (peeked.error != mcp::PeekError::none) return;  // the front has looked already
  // Handling a message may peek another one: a batch is taken apart first.
  if (!peeked.batch) {
    const mcp::Message message = worker_.peeker.messages().front();
    return receive_one(message, answer, context);
  }
  std::vector<std::string> parts;
  for (const mcp::Message& message : worker_.peeker.messages()) {
    parts.emplace_back().reserve(message.raw.size() + mcp::kPadding);
    parts.back().assign(message.raw);
  }
  for (const std::string& part : parts) {
    if (worker_.peeker.read(part).error != mcp::PeekError::none) continue;
    const mcp::Message message = worker_.peeker.messages().front();
    receive_one(message, answer, context);
  }
}

void LiveSession::receive_one(const mcp::Message& message, const ClientRef& answer, const mcp::Context& context) {
  if (message.kind == mcp::Kind::request) {
    // Clients of both eras ask this first. Over SSE only an answer on the stream makes them fall back to `initialize`.
    if (message.method == "server/discover") {
      return refuse(message, answer, mcp::kMethodNotFound, "this endpoint speaks the handshake era: send initialize");
    }
    if (message.method == "initialize") {
      if (link_) return refuse(message, answer, mcp::kInvalidRequest, "the session is initialized already");
      if (!open_link(message, answer)) return;
    }
    if (!link_) return refuse(message, answer, mcp::kBadRequest, "the session is not initialized");
    if (message.method == "tools/call" && message.has_name && hides(message.name)) {
      worker_.cells.add(Counter::calls_refused);
      return refuse(message, answer, mcp::kInvalidParams, "Unknown tool: " + std::string(message.name));
    }
    if (calls_.size() >= worker_.options.max_calls) {
      worker_.cells.add(Counter::requests_refused);
      return refuse(message, answer, mcp::kInternalError, "too many requests of this session are under way");
    }
    for (const auto& call : calls_) {
      if (call->exchange.id() == message.id) {
        return refuse(message, answer, mcp::kInvalidRequest, "a request with this id is under way already");
      }
    }
    calls_.push_back(std::make_unique<Call>(*this, message, answer, worker_.options.max_kept));
    worker_.cells.add(Counter::forwarded);
    return link_->send(message.raw, message, context, &calls_.back()->exchange);
  }
  if (!link_) return;
  worker_.cells.add(Counter::forwarded);
  link_->send(message.raw, message, context, nullptr);
}

bool LiveSession::open_link(const mcp::Message& initialize, const ClientRef& answer) {
  const std::size_t index = worker_.routes.directory().find(session_->service());
  if (index != upstream::Directory::kNone) {
    entry_ = worker_.routes.directory().share(index);
    instance_ = worker_.routes.pick(index, {catalog::era_handshake, upstream::stable_hash(session_->id()), 0, nullptr});
  }
  if (!instance_) {
    refuse(initialize, answer, mcp::kInternalError, "the service has no instance that speaks the handshake era");
    return false;
  }
  initialize_.assign(initialize.raw);
  link_ = upstream::make_link(worker_.link_context(), instance_, *this);
  return true;
}

const upstream::ServiceEntry* LiveSession::entry() const {
  const std::size_t at = worker_.routes.directory().find(session_->service());
  return at == upstream::Directory::kNone ? entry_.get() : &worker_.routes.directory().at(at);
}

bool LiveSession::hides(std::string_view tool) const {
  const upstream::ServiceEntry* now = entry();
  return now && now->hidden && now->hidden->contains(tool);
}

// The stage "hide tools" over a listing; empty: it stays as it is.
std::string LiveSession::without_hidden(const Call& call, std::string_view json) {
  const upstream::ServiceEntry* now = entry();
  if (!now || !now->hidden) return {};
  std::string out;
  if (mcp::HideTools(now->hidden).edit(json, out) != mcp::Verdict::refused) return out;
  worker_.cells.add(Counter::upstream_failures);
  return mcp::upstream_failure_body(call.exchange.id(), session_->service(), instance_->id(), "protocol",
                                    "the answer may hold tools that are disabled, and cannot be read: " + out, false);
}

// Puts the answer as the client gets it into `json` where a stage changes it.
void LiveSession::initialized(const mcp::Message& response, std::string& json) {
  const auto facts = mcp::read_initialize_result(response.result);
  if (const upstream::ServiceEntry* now = entry(); now && facts && facts->tools) {
    mcp::TellChanges stage;
    if (now->tells_tools && !facts->tools_list_changed) stage.edit(response.raw, json);
    if (now->tells_tools || facts->tools_list_changed) {
      session_->will_hear_of_tools(now->tools_revision);
      worker_.watch_tools(*this, session_->service(), now->tools_revision);
    }
  }
  const std::string version = facts ? facts->protocol_version : std::string();
  session_->set_handshake(std::move(initialize_), version);
  session_->replace(std::make_shared<session::UpstreamSession>(session::UpstreamSession{
                        session_->service(), instance_->id(), link_->session_id(), version, 1}),
                    0);
  worker_.shared.store->save(session_, [](session::StoreStatus) {});
}

void LiveSession::reply(const ClientRef& answer, std::string_view json, bool last) {
  worker_.cells.add(Counter::bytes_out, json.size());
  if (answer) return deliver(worker_, answer, json, last);
  if (stream_) deliver(worker_, stream_, json, false);
}

void LiveSession::refuse(const mcp::Message& message, const ClientRef& answer, int code, std::string_view text) {
  reply(answer, mcp::error_body(message.id, code, text), true);
}

void LiveSession::on_upstream_message(std::string_view json, const mcp::Message&) {
  worker_.cells.add(Counter::bytes_out, json.size());
  if (stream_) return deliver(worker_, stream_, json, false);
  // No stream: with the youngest request that still has its client, else kept until there is a stream.
  for (auto at = calls_.rbegin(); at != calls_.rend(); ++at) {
    if ((*at)->answer && !(*at)->exchange.suspended()) return deliver(worker_, (*at)->answer, json, false);
  }
  backlog_bytes_ += json.size();
  backlog_.emplace_back(json);
  while (backlog_bytes_ > worker_.options.max_kept && backlog_.size() > 1) {
    backlog_bytes_ -= backlog_.front().size();
    backlog_.pop_front();
    worker_.cells.add(Counter::messages_dropped);
  }
}

void LiveSession::on_tools_changed(std::uint64_t revision) {
  // Without a stream it waits: see attach().
  if (!stream_ || !session_->tell_of_tools(revision)) return;
  worker_.cells.add(Counter::tool_notices);
  deliver(worker_, stream_, mcp::kToolListChanged, false);
}

void LiveSession::attach(const ClientRef& stream, bool resumed) {
  stream_ = stream;
  if (session_->hears_of_tools()) worker_.watch_tools(*this, session_->service(), session_->tools_known());
  std::deque<std::string> backlog;
  backlog.swap(backlog_);
  backlog_bytes_ = 0;
  for (const std::string& json : backlog) deliver(worker_, stream_, json, false);
  if (!resumed) return;
  // The answers to requests whose connection broke come on the resumed stream.
  for (auto at = calls_.begin(); at != calls_.end();) {
    Call& call = **at++;
    if (!call.exchange.suspended()) continue;
    call.answer = {};
    call.exchange.resume(call, worker_.peeker);
  }
}

void LiveSession::detach(const ClientRef& stream) {
  if (stream_ == stream) stream_ = {};
}

void LiveSession::client_gone(const ClientRef& answer) {
  for (const auto& call : calls_) {
    if (call->answer == answer) call->exchange.suspend();
  }
}

void LiveSession::ended(Call& call) {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const auto& at) { return at.get() == &call; });
  if (found == calls_.end()) return;
  ended_.splice(ended_.end(), calls_, found);
  if (!sweep_.armed()) sweep_.arm(net::Millis(0));
}

void LiveSession::on_link_lost(const mcp::ExchangeEnd& why) {
  end_session(worker_, session_, EndCause::upstream, "the instance has gone: " + why.text);
}

void LiveSession::close(std::string_view reason) {
  if (link_) link_->finish();
  for (const auto& call : calls_) {
    if (!call->answer || call->exchange.suspended()) continue;
    deliver(worker_, call->answer, mcp::error_body(call->exchange.id(), mcp::kSessionNotFound, reason), true);
  }
  close_client(worker_, stream_, reason);
}

}  // namespace mcpr::route
