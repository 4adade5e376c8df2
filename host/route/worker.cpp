#include "host/route/worker.hpp"

namespace mcpr::route {

void Worker::tick() {
  now_s = shared.seconds();
  if (every_second) every_second();
  tick_.arm(net::Millis(1000));
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
