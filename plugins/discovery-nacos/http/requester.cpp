#include "http/requester.hpp"

#include "http/answer.hpp"
#include "http/form.hpp"

namespace mcpr::nacos {

Requester::Requester(sdk::Host host, std::vector<Address> servers, std::size_t first, std::string ca_file)
    : host_(host), servers_(std::move(servers)), current_(first % servers_.size()), ca_file_(std::move(ca_file)) {}

void Requester::send(Request request, OnAnswer on_answer) {
  if (stopped_) return;
  const std::uint64_t id = ++last_;
  Call& call = calls_[id];
  call.request = std::move(request);
  call.on_answer = std::move(on_answer);
  call.server = current_;
  try_server(id);
}

void Requester::stop() {
  stopped_ = true;
  calls_.clear();
}

void Requester::try_server(std::uint64_t id) {
  Call& call = calls_.at(id);
  const Request& from = call.request;
  sdk::HttpRequest to;
  to.method = from.method;
  to.url = servers_[call.server].url() + from.path;
  to.headers = from.headers;
  to.ca_file = ca_file_;
  to.timeout_ms = static_cast<std::uint32_t>(from.timeout.count());
  std::string form = encode_form(from.parameters);
  if (from.method == "POST" || from.method == "PUT") {
    to.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    to.body = std::move(form);
  } else if (!form.empty()) {
    to.url += "?" + form;
  }
  ++call.tried;
  try {
    call.http.reset();
    call.http.emplace(host_, to, [this, id](sdk::HttpResponse response) { answered(id, std::move(response)); });
  } catch (const sdk::Error& error) {
    refuse_later(id, error.what());
  }
}

void Requester::refuse_later(std::uint64_t id, std::string why) {
  host_.post([this, id, why = std::move(why), alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    sdk::HttpResponse response;
    response.result = MCPR_E_INVALID;
    response.error = why;
    answered(id, std::move(response));
  });
}

void Requester::answered(std::uint64_t id, sdk::HttpResponse response) {
  const auto at = calls_.find(id);
  if (at == calls_.end()) return;
  Call& call = at->second;
  const Address& server = servers_[call.server];
  if (is_out_of_order(response)) {
    const std::size_t next = (call.server + 1) % servers_.size();
    if (current_ == call.server) current_ = next;  // unless another call has moved on already
    if (call.tried < servers_.size()) {
      call.server = next;
      return try_server(id);
    }
  }
  const bool named = response.error.find(server.authority()) != std::string::npos;
  if (response.result != MCPR_OK && !named) response.error = server.authority() + ": " + response.error;
  const OnAnswer on_answer = std::move(call.on_answer);
  calls_.erase(at);
  on_answer(response);
}

}  // namespace mcpr::nacos
