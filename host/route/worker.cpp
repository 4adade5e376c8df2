#include "host/route/worker.hpp"

namespace mcpr::route {

void Worker::tick() {
  now_s = shared.seconds();
  if (every_second) every_second();
  tick_.arm(net::Millis(1000));
}

void Worker::count_failure(const mcp::ExchangeEnd& why) {
  cells.add(metrics::Counter::upstream_failures);
  if (why.reason == "overload") cells.add(metrics::Counter::overloads);
  if (why.reason == "too-large") cells.add(metrics::Counter::answers_too_large);
}

void Worker::apply(upstream::DirectoryPtr directory, const upstream::BalancersPtr& balancers) {
  for (const std::size_t at : routes.apply(std::move(directory), balancers)) {
    const upstream::ServiceEntry& entry = routes.directory().at(at);
    tools.changed(entry.service->name, entry.tools_revision);
  }
  tell_tools();
}

void Worker::watch_tools(ToolListener& listener, std::string_view service, std::uint64_t known) {
  const std::size_t entry = routes.directory().find(service);
  const std::uint64_t now = entry == upstream::Directory::kNone ? known : routes.directory().at(entry).tools_revision;
  tools.add(listener, service, now, known < now);
  if (tools.waiting() && !tell_.armed()) tell_.arm(net::Millis(0));
}

void Worker::tell_tools() {
  if (!tools.waiting()) return;
  if (const auto next = tools.tell(net::Clock::now())) tell_.arm_at(*next);
}

void deliver(Worker& from, const ClientRef& to, std::string_view json, bool last) {
  if (!to) return;
  if (to.worker == from.index) {
    if (ClientSink* sink = from.client(to)) sink->on_message(json, last);
    return;
  }
  Worker& worker = *from.shared.workers[to.worker];
  worker.loop.post([&worker, to, text = std::string(json), last] {
    if (ClientSink* sink = worker.client(to)) sink->on_message(text, last);
  });
}

void close_client(Worker& from, const ClientRef& to, std::string_view reason) {
  if (!to) return;
  if (to.worker == from.index) {
    if (ClientSink* sink = from.client(to)) sink->on_close(reason);
    return;
  }
  Worker& worker = *from.shared.workers[to.worker];
  worker.loop.post([&worker, to, text = std::string(reason)] {
    if (ClientSink* sink = worker.client(to)) sink->on_close(text);
  });
}

}  // namespace mcpr::route
