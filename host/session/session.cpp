#include "host/session/session.hpp"

#include <string_view>

namespace mcpr::session {

bool Session::add_stream(unsigned most) {
  if (streams_.fetch_add(1, std::memory_order_acq_rel) < most) return true;
  drop_stream();
  return false;
}

bool Session::tell_of_tools(std::uint64_t revision) {
  std::uint64_t known = tools_known_.load(std::memory_order_relaxed);
  while (known < revision) {
    if (tools_known_.compare_exchange_weak(known, revision, std::memory_order_acq_rel)) return true;
  }
  return false;
}

UpstreamSessionPtr Session::upstream(std::string_view service) const {
  const std::lock_guard lock(mutex_);
  for (const UpstreamSessionPtr& at : upstreams_) {
    if (at->service == service) return at;
  }
  return nullptr;
}

UpstreamSessionPtr Session::replace(UpstreamSessionPtr next, std::uint64_t expected) {
  const std::lock_guard lock(mutex_);
  for (UpstreamSessionPtr& at : upstreams_) {
    if (at->service != next->service) continue;
    if (at->epoch == expected) at = std::move(next);
    return at;
  }
  if (expected != 0) return nullptr;
  upstreams_.push_back(std::move(next));
  return upstreams_.back();
}

void Session::set_handshake(std::string initialize, std::string protocol_version) {
  const std::lock_guard lock(mutex_);
  initialize_ = std::move(initialize);
  protocol_version_ = std::move(protocol_version);
}

std::string Session::initialize() const {
  const std::lock_guard lock(mutex_);
  return initialize_;
}

std::string Session::protocol_version() const {
  const std::lock_guard lock(mutex_);
  return protocol_version_;
}

}  // namespace mcpr::session
