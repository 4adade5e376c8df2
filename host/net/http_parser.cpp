#include "host/net/http_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

namespace mcpr::net {

namespace http = boost::beast::http;
using boost::system::error_code;
using StringView = boost::beast::string_view;

namespace {

std::string_view view(StringView s) { return {s.data(), s.size()}; }

constexpr std::size_t kResponseHeadLimit = 64 * 1024;

HttpError to_error(const error_code& error) {
  if (error == http::error::header_limit) return HttpError::head_too_large;
  if (error == http::error::body_limit) return HttpError::body_too_large;
  if (error == http::error::bad_version) return HttpError::version;
  if (error == http::error::partial_message || error == http::error::end_of_stream) return HttpError::unexpected_eof;
  return HttpError::bad_request;
}

Verb to_verb(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Verb::get;
    case http::verb::post: return Verb::post;
    case http::verb::delete_: return Verb::del;
    case http::verb::options: return Verb::options;
    case http::verb::head: return Verb::head;
    default: return Verb::other;
  }
}

// The callbacks of basic_parser, the same for both directions but for the start line.
template <bool is_request, class Head>
class Parser : public http::basic_parser<is_request> {
 public:
  Parser(Head& head, std::size_t max_fields) : head_(head), max_fields_(max_fields) {
    head_.headers.clear();
    this->eager(true);
  }
  HttpSink* sink = nullptr;
  std::string_view input;  // the bytes of the current call: a view that leaves them would dangle

 private:
  void on_request_impl(http::verb verb, StringView method, StringView target, int version, error_code& error) override {
    if constexpr (is_request) {
      head_.verb = to_verb(verb);
      head_.method = view(method);
      head_.target = view(target);
      head_.http11 = version == 11;
      if (version != 10 && version != 11) error = http::error::bad_version;
    }
  }
  void on_response_impl(int code, StringView, int version, error_code& error) override {
    if constexpr (!is_request) {
      head_.status = static_cast<unsigned>(code);
      if (version != 10 && version != 11) error = http::error::bad_version;
    }
  }
  void on_field_impl(http::field, StringView name, StringView value, error_code& error) override {
    const std::string_view v = view(value);
    // A folded value (obsolete) is unfolded into a buffer of the parser's: refused, as RFC 9112 5.2 allows.
    if (!v.empty() && (v.data() < input.data() || v.data() > input.data() + input.size())) {
      error = http::error::bad_value;
      return;
    }
    if (head_.headers.lines().size() >= max_fields_) {
      error = http::error::header_limit;
      return;
    }
    head_.headers.add(view(name), v);
  }
  void on_header_impl(error_code&) override {
    head_.keep_alive = this->keep_alive();
    sink->on_head();
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(StringView piece, error_code&) override {
    sink->on_body(view(piece));
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, StringView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, StringView piece, error_code&) override {
    sink->on_body(view(piece));
    return piece.size();
  }
  void on_finish_impl(error_code&) override {}

  Head& head_;
  std::size_t max_fields_;
};

template <class P>
std::size_t feed_parser(P& parser, HttpError& error, std::string& text, std::string_view bytes, HttpSink& sink) {
  parser.sink = &sink;
  parser.input = bytes;
  std::size_t consumed = 0;
  while (!parser.is_done()) {
    error_code code;
    const std::size_t n = parser.put(boost::asio::const_buffer(bytes.data() + consumed, bytes.size() - consumed), code);
    consumed += n;
    if (code == http::error::need_more) break;
    if (code) {
      error = to_error(code);
      text = code.message();
      break;
    }
    if (n == 0 || consumed == bytes.size()) break;
  }
  return consumed;
}

}  // namespace

struct HttpRequestParser::Impl {
  explicit Impl(const HttpLimits& l) : limits(l) { reset(); }
  void reset() {
    parser.emplace(head, limits.fields);
    parser->header_limit(static_cast<std::uint32_t>(limits.head));
    parser->body_limit(limits.body);
    error = HttpError::none;
    started = false;
  }
  const HttpLimits& limits;
  RequestHead head;
  std::optional<Parser<true, RequestHead>> parser;
  HttpError error = HttpError::none;
  std::string text;
  bool started = false;
};

HttpRequestParser::HttpRequestParser(const HttpLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
HttpRequestParser::~HttpRequestParser() = default;
std::size_t HttpRequestParser::feed(std::string_view bytes, HttpSink& sink) {
  if (!bytes.empty()) impl_->started = true;
  return feed_parser(*impl_->parser, impl_->error, impl_->text, bytes, sink);
}
void HttpRequestParser::reset() { impl_->reset(); }
bool HttpRequestParser::started() const { return impl_->started; }
bool HttpRequestParser::head_done() const { return impl_->parser->is_header_done(); }
bool HttpRequestParser::done() const { return impl_->parser->is_done(); }
HttpError HttpRequestParser::error() const { return impl_->error; }
std::string HttpRequestParser::error_text() const { return impl_->text; }
RequestHead& HttpRequestParser::head() { return impl_->head; }
std::uint64_t HttpRequestParser::content_length() const {
  const auto length = impl_->parser->content_length();
  return length ? *length : 0;
}

struct HttpResponseParser::Impl {
  Impl() { reset(false); }
  void reset(bool head_request) {
    parser.emplace(head, 256);
    parser->header_limit(kResponseHeadLimit);
    parser->body_limit(boost::none);
    parser->skip(head_request);
    error = HttpError::none;
    started = false;
  }
  ResponseHead head;
  std::optional<Parser<false, ResponseHead>> parser;
  HttpError error = HttpError::none;
  std::string text;
  bool started = false;
};

HttpResponseParser::HttpResponseParser() : impl_(std::make_unique<Impl>()) {}
HttpResponseParser::~HttpResponseParser() = default;
std::size_t HttpResponseParser::feed(std::string_view bytes, HttpSink& sink) {
  if (!bytes.empty()) impl_->started = true;
  return feed_parser(*impl_->parser, impl_->error, impl_->text, bytes, sink);
}
void HttpResponseParser::finish(HttpSink& sink) {
  if (done()) return;
  impl_->parser->sink = &sink;
  error_code code;
  impl_->parser->put_eof(code);
  if (code) {
    impl_->error = HttpError::unexpected_eof;
    impl_->text = code.message();
  }
}
void HttpResponseParser::reset(bool head_request) { impl_->reset(head_request); }
bool HttpResponseParser::started() const { return impl_->started; }
bool HttpResponseParser::head_done() const { return impl_->parser->is_header_done(); }
bool HttpResponseParser::done() const { return impl_->parser->is_done(); }
HttpError HttpResponseParser::error() const { return impl_->error; }
std::string HttpResponseParser::error_text() const { return impl_->text; }
ResponseHead& HttpResponseParser::head() { return impl_->head; }
bool HttpResponseParser::has_length() const { return impl_->parser->content_length().has_value(); }
std::uint64_t HttpResponseParser::content_length() const {
  const auto length = impl_->parser->content_length();
  return length ? *length : 0;
}

}  // namespace mcpr::net
