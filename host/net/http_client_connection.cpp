#include <algorithm>
#include <charconv>
#include <exception>

#include "host/net/http_client_parts.hpp"

namespace mcpr::net {

namespace {

// `timeout=5` in a Keep-Alive field, in seconds; 0 where there is none.
unsigned keep_alive_seconds(std::string_view value) {
  const std::size_t at = value.find("timeout=");
  if (at == std::string_view::npos) return 0;
  unsigned seconds = 0;
  std::from_chars(value.data() + at + 8, value.data() + value.size(), seconds);
  return seconds;
}

}  // namespace

void HttpClientConnection::connect_for(WaitingCall request) {
  call_ = request.call;
  call_->connection_ = this;
  call_options_ = request.options;
  pending_ = std::move(request.request);
  timer_.arm(origin_.options.connect_timeout);
  resolve(origin_.loop, origin_.pool, origin_.options.host, origin_.options.port,
          [weak = std::weak_ptr(origin_.shared_from_this()), this, alive = std::weak_ptr(alive_)](Resolved found) {
            if (weak.expired() || alive.expired()) return;
            on_resolved(std::move(found));
          });
}

void HttpClientConnection::start(HttpCall& call, std::string_view head, std::string_view body,
                                 const CallOptions& options) {
  call_ = &call;
  call.connection_ = this;
  call_options_ = options;
  reused_ = true;
  write_request(head, body);
}

void HttpClientConnection::on_resolved(Resolved found) {
  if (found.addresses.empty()) return fail_later(HttpFailure::Cause::resolve, std::move(found.error));
  addresses_ = std::move(found.addresses);
  if (origin_.options.tls) {
    try {
      if (!origin_.tls) origin_.tls = std::make_unique<TlsContext>(origin_.options.ca_file);
      stream_.use_tls(*origin_.tls, origin_.options.host);
    } catch (const std::exception& error) {
      return fail_later(HttpFailure::Cause::tls, error.what());
    }
  }
  stream_.connect(addresses_.front());
}

void HttpClientConnection::on_connected() {
  connected_ = true;
  std::string request;
  request.swap(pending_);
  write_request(request, {});
}

void HttpClientConnection::write_request(std::string_view head, std::string_view body) {
  if (!parser_) parser_ = std::make_unique<HttpResponseParser>();
  parser_->reset();
  sent_ = true;
  if (call_options_.response_timeout.count() > 0) {
    timer_.arm(call_options_.response_timeout);
  } else {
    timer_.cancel();
  }
  const std::string_view parts[] = {head, body};
  stream_.write(parts);
}

void HttpClientConnection::on_data(char* data, std::size_t size) {
  if (!call_) return close();  // bytes that nobody asked for
  std::string joined;
  std::string_view bytes(data, size);
  if (!carry_.empty()) {
    carry_.append(bytes);
    joined.swap(carry_);
    joined.reserve(joined.size() + 128);
    bytes = joined;
  }
  // The call may give up while the parser runs; the connection ends when the parser has returned.
  while (!bytes.empty()) {
    feeding_ = true;
    const std::size_t used = parser_->feed(bytes, *this);
    feeding_ = false;
    if (!call_) return close();
    if (parser_->error() != HttpError::none) {
      return fail(HttpFailure::Cause::protocol, "not a valid HTTP answer: " + parser_->error_text());
    }
    bytes.remove_prefix(used);
    if (parser_->done()) {
      if (parser_->head().status < 200) {  // 100 Continue and the like: not the answer
        parser_->reset();
        continue;
      }
      return finish(!bytes.empty());
    }
    if (used == 0 || !parser_->head_done()) {  // half a head, or half the line between two chunks
      carry_.assign(bytes);
      break;
    }
  }
  if (call_ && parser_->head_done()) call_->on_flush();
}

void HttpClientConnection::on_head() {
  ResponseHead& head = parser_->head();
  if (head.status < 200) return;
  keep_ = head.keep_alive;
  if (const unsigned seconds = keep_alive_seconds(head.headers.get(Field::keep_alive)); seconds > 0) {
    idle_limit_ = std::min(origin_.options.pool.idle, Millis((seconds - 1) * 1000));
  } else {
    idle_limit_ = origin_.options.pool.idle;
  }
  std::string_view type = head.headers.get(Field::content_type);
  streaming_ = type.size() >= 17 && iequals(type.substr(0, 17), "text/event-stream");
  if (streaming_) set_stream_timer();
  if (call_) call_->on_response(head);
  head.headers.release();
}

void HttpClientConnection::on_body(std::string_view piece) {
  if (streaming_) {
    set_stream_timer();
  } else if (piece.size() != parser_->content_length()) {
    extend(call_options_.response_timeout);
  }
  if (call_) call_->on_body(piece);
}

void HttpClientConnection::set_stream_timer() {
  if (call_options_.stream_timeout.count() > 0) {
    timer_.arm(call_options_.stream_timeout);
  } else {
    timer_.cancel();
  }
}

void HttpClientConnection::finish(bool extra_bytes) {
  HttpCall* call = std::exchange(call_, nullptr);
  if (call) call->connection_ = nullptr;
  const auto origin = origin_.shared_from_this();
  timer_.cancel();
  stream_.resume_reading();
  if (keep_ && !extra_bytes && call && idle_limit_.count() > 0 && origin->idle.size() < origin->options.pool.max_idle) {
    idle_since_ = Clock::now();
    parser_->reset();
    origin->idle.push_back(this);
    if (!origin->reaper.armed()) origin->reaper.arm(Millis(1000));
    if (!origin->waiting.empty()) origin->assign_waiting();
  } else {
    close();
  }
  if (call) call->on_done();
}

void HttpClientConnection::on_closed(std::string_view reason) {
  if (!call_) return close();
  if (parser_ && parser_->started() && sent_) {
    feeding_ = true;
    parser_->finish(*this);
    feeding_ = false;
    if (!call_) return close();
    if (parser_->done() && parser_->error() == HttpError::none) {
      keep_ = false;
      return finish(false);
    }
  }
  const std::string text = reason.empty() ? "the server closed the connection" : std::string(reason);
  if (!connected_ && !reused_) {
    if (addresses_.size() > 1) return try_next_address();
    return fail(
        origin_.options.tls && reason.starts_with("TLS") ? HttpFailure::Cause::tls : HttpFailure::Cause::connect, text);
  }
  fail(HttpFailure::Cause::closed, text);
}

void HttpClientConnection::on_timeout() {
  if (!connected_ && !reused_)
    return fail(HttpFailure::Cause::connect_timeout, "no connection within the connect time-out");
  fail(HttpFailure::Cause::response_timeout, "no answer within the response time-out");
}

void HttpClientConnection::fail(HttpFailure::Cause cause, std::string text) {
  HttpCall* call = std::exchange(call_, nullptr);
  const HttpFailure failure{cause, sent_, parser_ && parser_->head_done(),
                            origin_.options.host + ":" + std::to_string(origin_.options.port) + ": " + text};
  if (call) call->connection_ = nullptr;
  close();
  if (call) call->on_failed(failure);
}

void HttpClientConnection::fail_later(HttpFailure::Cause cause, std::string text) {
  origin_.loop.post([this, alive = std::weak_ptr(alive_), cause, text = std::move(text)]() mutable {
    if (!alive.expired()) fail(cause, std::move(text));
  });
}

void HttpClientConnection::close() {
  auto origin = origin_.shared_from_this();
  std::erase(origin->idle, this);
  auto& all = origin->connections;
  const std::size_t index = index_;
  std::unique_ptr<HttpClientConnection> self = std::move(all[index]);
  if (index + 1 != all.size()) {
    all[index] = std::move(all.back());
    all[index]->set_index(index);
  }
  all.pop_back();
  self.reset();
  if (!origin->closed && !origin->waiting.empty()) origin->assign_waiting();
}

void HttpClientConnection::try_next_address() {
  HttpCall* call = std::exchange(call_, nullptr);
  auto origin = origin_.shared_from_this();
  std::vector<Address> rest(addresses_.begin() + 1, addresses_.end());
  auto next = std::make_unique<HttpClientConnection>(*origin, origin->connections.size());
  HttpClientConnection& fresh = *next;
  fresh.call_ = call;
  call->connection_ = &fresh;
  fresh.call_options_ = call_options_;
  fresh.pending_ = std::move(pending_);
  fresh.timer_.arm(origin->options.connect_timeout);
  origin->connections.push_back(std::move(next));
  close();
  fresh.on_resolved(Resolved{std::move(rest), {}});
}

}  // namespace mcpr::net
