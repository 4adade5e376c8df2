#include "tests/bench/client.hpp"

#include <algorithm>

namespace mcpr::bench {

void Client::start() {
  step_ = Step::initialize;
  response_.reset();
  id_ = next_id_++;
  own_ = initialize_request(workload_, id_);
  request_ = own_;
}

void Client::next_call() {
  id_ = next_id_++;
  request_ = call_.with_id(id_);
}

Client::Next Client::fail(std::string_view why) {
  error_.assign("request ")
      .append(std::to_string(id_))
      .append(": ")
      .append(why)
      .append(" (HTTP ")
      .append(std::to_string(response_.status()))
      .append("): ");
  const std::string_view body = response_.body();
  error_.append(body.substr(0, 200));
  if (body.size() > 200) error_.append(" ... ").append(body.substr(std::max<std::size_t>(body.size(), 400) - 200));
  return Next::failed;
}

void Client::count_comments(std::string_view bytes) {
  for (const char c : bytes) {
    if (line_start_ && c == ':') ++comments_;
    line_start_ = c == '\n';
  }
}

Client::Next Client::on_bytes(std::string_view bytes) {
  const std::size_t used = response_.feed(bytes);
  if (response_.failed()) return fail("the response is not HTTP, or has no length");
  if (step_ == Step::stream) {
    if (!response_.head_done()) return Next::read;
    if (response_.status() != 200 || response_.done()) return fail("the GET stream did not open, or has ended");
    count_comments(response_.body());
    response_.drop_body();
    const bool first = request_ == own_;
    request_ = {};
    return first ? Next::opened : Next::read;
  }
  if (!response_.done()) return Next::read;
  if (used != bytes.size()) return fail("bytes follow the response");
  return advance();
}

Client::Next Client::advance() {
  switch (step_) {
    case Step::initialize:
      if (const char* wrong = wrong_with_initialize(id_, response_.status(), response_.body())) return fail(wrong);
      session_ = response_.session_id();
      if (session_.empty()) return fail("initialize: the answer names no session");
      own_ = initialized_request(workload_, session_);
      step_ = Step::initialized;
      break;
    case Step::initialized:
      if (response_.status() != 202) return fail("notifications/initialized was not accepted");
      if (workload_.mode == Mode::idle) {
        start();
        return Next::opened;
      }
      if (workload_.mode == Mode::streams) {
        own_ = stream_request(workload_, session_);
        step_ = Step::stream;
        break;
      }
      call_ = CallTemplate(workload_, session_);
      step_ = Step::calls;
      response_.reset();
      next_call();
      return Next::send;
    case Step::calls: {
      if (const char* wrong = wrong_with(workload_, id_, response_.status(), response_.body())) return fail(wrong);
      if (response_.closes()) return fail("the connection is not kept alive");
      response_.reset();
      next_call();
      return Next::called;
    }
    case Step::stream: return Next::read;
  }
  response_.reset();
  request_ = own_;
  return Next::send;
}

}  // namespace mcpr::bench
