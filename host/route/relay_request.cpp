#include "host/route/relay_request.hpp"

#include <algorithm>

#include "host/upstream/request.hpp"

namespace mcpr::route {

void forward(Worker& worker, const net::Headers& fields, const RelayRequest& request, net::HttpCall& call) {
  upstream::RequestFacts facts;
  facts.body_size = request.body.size();
  if (request.upstream) facts.session_id = request.upstream->id;
  net::CallOptions options;
  const catalog::Timeouts& timeouts = request.instance->timeouts();
  options.response_timeout = timeouts.response;
  options.stream_timeout = timeouts.idle;
  if (request.kind == RelayRequest::Kind::listen) {
    facts.verb = "GET";
    facts.body = false;
    facts.accept = "text/event-stream";
    facts.last_event_id = fields.get(net::Field::last_event_id);
    options = {net::Millis(0), net::Millis(0)};
  } else if (!request.tool.empty() && !timeouts.tools.empty()) {
    if (const auto found = timeouts.tools.find(std::string(request.tool)); found != timeouts.tools.end()) {
      options.response_timeout = found->second;
      options.stream_timeout = std::max(found->second, options.stream_timeout);
    }
  }
  if (request.subscribes) options.stream_timeout = net::Millis(0);
  upstream::begin_head(worker.head, *request.instance, facts);
  upstream::forward_fields(worker.head, fields, request.entry->service->options, true);
  upstream::end_head(worker.head);
  worker.cells.add(metrics::Counter::forwarded);
  worker.origins.of(request.instance).send(call, worker.head, request.body, options);
}

}  // namespace mcpr::route
