#include "host/server/lookup_wait.hpp"

#include "host/mcp/error.hpp"

namespace mcpr::server {

using Answer = route::NameLookup::Answer;

LookupWait::LookupWait(Incoming& in)
    : worker_(in.worker),
      connection_(&in.connection),
      options_(in.options),
      target_(in.target),
      cors_(in.cors),
      principal_(in.principal),
      body_(in.connection.hold_request()),
      timer_(in.worker.loop, [this] { late(); }) {
  in.connection.set_owner(this);
}

void LookupWait::start(Incoming& in) {
  auto self = std::make_unique<LookupWait>(in);
  LookupWait& wait = *self;
  wait.self_ = std::move(self);
  wait.worker_.cells.add(metrics::Counter::lookups);
  wait.timer_.arm(wait.worker_.options.lookup_timeout);
  // It is called back exactly once, and lives until then, though the client may have left.
  wait.worker_.shared.lookup->look_up(wait.target_.service, [&wait, &loop = wait.worker_.loop](Answer answer) {
    loop.post([&wait, answer] { wait.answered(answer); });
  });
}

Incoming LookupWait::again() {
  connection_->set_owner(nullptr);
  Incoming in{worker_, *connection_, options_, target_, body_, cors_, principal_};
  in.looked_up = true;
  return in;
}

void LookupWait::refuse(unsigned status, std::string_view text) {
  const Incoming in = again();
  connection_ = nullptr;
  in.refuse(status, status == 404 ? mcp::kBadRequest : mcp::kInternalError, text, in.request_id(),
            status == 503 ? "Retry-After: 1\r\n" : "");
}

void LookupWait::late() {
  if (connection_) refuse(503, "the service is still being looked up");
}

void LookupWait::answered(Answer answer) {
  const std::unique_ptr<LookupWait> self = std::move(self_);
  timer_.cancel();
  if (!connection_) return;
  switch (answer) {
    case Answer::found: break;
    case Answer::absent: return refuse(404, "there is no such service");
    case Answer::failed: return refuse(503, "the service cannot be looked up now");
    case Answer::busy: return refuse(503, "too many services are being looked up");
  }
  Incoming in = again();
  return target_.endpoint == Endpoint::sse ? serve_sse_stream(in) : serve_streamable(in);
}

}  // namespace mcpr::server
