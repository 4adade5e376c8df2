#include "host/route/tool_watch.hpp"

#include <algorithm>

namespace mcpr::route {

namespace detail {

void ToolLink::unlink() {
  prev->next = next;
  next->prev = prev;
  prev = next = this;
}

void ToolLink::join(ToolLink& head) {
  prev = head.prev;
  next = &head;
  prev->next = this;
  head.prev = this;
}

void ToolLink::take_all(ToolLink& head) {
  if (head.alone()) return;
  head.next->prev = prev;
  prev->next = head.next;
  head.prev->next = this;
  prev = head.prev;
  head.prev = head.next = &head;
}

}  // namespace detail

ToolListener::~ToolListener() {
  if (watch_) watch_->remove(*this);
}

ToolWatch::~ToolWatch() {
  while (ToolListener* listener = first()) remove(*listener);
}

void ToolWatch::add(ToolListener& listener, std::string_view service, std::uint64_t revision, bool behind) {
  remove(listener);
  auto found = services_.find(service);
  if (found == services_.end()) {
    found = services_.try_emplace(std::string(service)).first;
    found->second.name = found->first;
  }
  Service& at = found->second;
  at.revision = std::max(at.revision, revision);
  listener.watch_ = this;
  listener.service_ = &at;
  listener.join(behind ? at.waiting : at.quiet);
  if (behind) queue(at);
}

void ToolWatch::remove(ToolListener& listener) {
  if (!listener.watch_) return;
  Service& service = *listener.service_;
  listener.unlink();
  listener.watch_ = nullptr;
  listener.service_ = nullptr;
  forget_if_empty(service);
}

void ToolWatch::changed(std::string_view service, std::uint64_t revision) {
  const auto found = services_.find(service);
  if (found == services_.end()) return;
  Service& at = found->second;
  at.revision = std::max(at.revision, revision);
  at.waiting.take_all(at.quiet);
  if (!at.waiting.alone()) queue(at);
}

std::optional<ToolWatch::TimePoint> ToolWatch::tell(TimePoint now) {
  std::optional<TimePoint> next;
  std::size_t left = kAtOnce;
  for (auto at = queue_.begin(); at != queue_.end() && left > 0;) {
    Service& service = **at;
    if (service.round.alone() && (!service.told || now - *service.told >= kPace)) {
      service.round.take_all(service.waiting);
      service.told = now;
    }
    while (!service.round.alone() && left > 0) {
      --left;
      ToolListener& listener = static_cast<ToolListener&>(*service.round.next);
      listener.unlink();
      listener.join(service.quiet);
      listener.on_tools_changed(service.revision);  // `service` stays: it is queued
    }
    if (!service.round.alone()) break;
    if (!service.waiting.alone()) {
      const TimePoint then = *service.told + kPace;
      next = next ? std::min(*next, then) : then;
      ++at;
      continue;
    }
    at = queue_.erase(at);
    service.queued = false;
    forget_if_empty(service);
  }
  if (left == 0 && !queue_.empty()) return now;
  return next;
}

void ToolWatch::close() {
  while (ToolListener* listener = first()) {
    remove(*listener);
    listener->on_watch_closed();
  }
}

void ToolWatch::queue(Service& service) {
  if (service.queued) return;
  service.queued = true;
  queue_.push_back(&service);
}

void ToolWatch::forget_if_empty(Service& service) {
  if (!service.queued && service.empty()) services_.erase(services_.find(std::string_view(service.name)));
}

ToolListener* ToolWatch::first() {
  for (auto& [name, service] : services_) {
    for (detail::ToolLink* head : {&service.quiet, &service.waiting, &service.round}) {
      if (!head->alone()) return &static_cast<ToolListener&>(*head->next);
    }
  }
  return nullptr;
}

}  // namespace mcpr::route
