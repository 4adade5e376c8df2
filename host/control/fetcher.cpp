#include "host/control/fetcher.hpp"

#include <algorithm>

#include "host/catalog/endpoint.hpp"

namespace mcpr::control {

namespace {

constexpr net::Millis kDefaultTimeout{10'000};
constexpr std::size_t kMaxBody = 64 * 1024 * 1024;

bool plain_line(std::string_view text) { return text.find_first_of("\r\n") == std::string_view::npos; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

}  // namespace

class Fetcher::Call final : private net::HttpCall {
 public:
  Call(Fetcher& fetcher, std::uint64_t handle, UniqueFunction<void(plugin::FetchResult)> on_result)
      : handle(handle),
        fetcher_(fetcher),
        on_result_(std::move(on_result)),
        later_(fetcher.loop_, [this] { give(); }) {}

  void refuse(std::string why) {
    result_.failure = plugin::FetchResult::Failure::invalid;
    result_.error = std::move(why);
    later_.arm(net::Millis(0));
  }
  void start(net::HttpOrigin& origin, const std::string& head, const std::string& body, net::Millis timeout) {
    origin.send(*this, head, body, {timeout, timeout});
  }
  const std::uint64_t handle;

 private:
  void on_response(net::ResponseHead& head) override {
    result_.code = head.status;
    for (const net::HeaderLine& line : head.headers.lines()) result_.headers.emplace_back(lower(line.name), line.value);
  }
  void on_body(std::string_view piece) override {
    if (result_.body.size() + piece.size() <= kMaxBody) {
      result_.body.append(piece);
      return;
    }
    net::HttpCall::cancel();
    fail(plugin::FetchResult::Failure::invalid, "the answer is longer than " + std::to_string(kMaxBody) + " bytes");
  }
  void on_done() override { give(); }
  void on_failed(const net::HttpFailure& failure) override {
    using Cause = net::HttpFailure::Cause;
    const bool late = failure.cause == Cause::response_timeout || failure.cause == Cause::connect_timeout;
    fail(late ? plugin::FetchResult::Failure::timeout : plugin::FetchResult::Failure::unreachable, failure.text);
  }
  void fail(plugin::FetchResult::Failure failure, std::string text) {
    result_ = {};
    result_.failure = failure;
    result_.error = std::move(text);
    give();
  }
  void give() {
    UniqueFunction<void(plugin::FetchResult)> on_result = std::move(on_result_);
    plugin::FetchResult result = std::move(result_);
    fetcher_.end(*this);
    if (on_result) on_result(std::move(result));
  }

  Fetcher& fetcher_;
  UniqueFunction<void(plugin::FetchResult)> on_result_;
  plugin::FetchResult result_;
  net::Timer later_;
};

Fetcher::Fetcher(net::Loop& loop, net::BlockingPool& blocking)
    : loop_(loop), blocking_(blocking), sweep_(loop, [this] { ended_.clear(); }) {}

Fetcher::~Fetcher() = default;

net::HttpOrigin& Fetcher::origin(const std::string& host, std::uint16_t port, bool tls, const std::string& ca_file) {
  auto& found = origins_[(tls ? "https://" : "http://") + host + ":" + std::to_string(port) + " " + ca_file];
  if (!found) {
    net::OriginOptions options;
    options.host = host;
    options.port = port;
    options.tls = tls;
    options.ca_file = ca_file;
    found = std::make_unique<net::HttpOrigin>(loop_, blocking_, std::move(options));
  }
  return *found;
}

std::uint64_t Fetcher::fetch(plugin::FetchRequest request, UniqueFunction<void(plugin::FetchResult)> on_result) {
  const std::uint64_t handle = ++last_;
  Call& call = *(calls_[handle] = std::make_unique<Call>(*this, handle, std::move(on_result)));
  catalog::Endpoint to;
  std::string error;
  const bool http = request.url.starts_with("http://") || request.url.starts_with("https://");
  if (!http || !catalog::parse_endpoint(request.url, "http", to, error) || !to.lookup.empty()) {
    call.refuse("\"" + request.url + "\" is not an http or https URL" + (error.empty() ? "" : ": " + error));
    return handle;
  }
  // Without a path the text means the root, not the usual path of an MCP endpoint.
  const std::size_t authority = request.url.find("://") + 3;
  const std::size_t slash = request.url.find_first_of("/?", authority);
  const std::string path = slash == std::string::npos ? "/" : to.instance.path;
  const std::string host =
      to.instance.host.find(':') == std::string::npos ? to.instance.host : "[" + to.instance.host + "]";
  const std::string method = request.method.empty() ? "GET" : request.method;
  std::string head = method + " " + path + " HTTP/1.1\r\nHost: " + host;
  if (to.instance.port != (to.instance.tls ? 443 : 80)) head += ":" + std::to_string(to.instance.port);
  head += "\r\n";
  bool good = plain_line(method) && plain_line(path) && method.find(' ') == std::string::npos;
  for (const auto& [name, value] : request.headers) {
    good =
        good && plain_line(name) && plain_line(value) && !name.empty() && name.find_first_of(": ") == std::string::npos;
    head += name + ": " + value + "\r\n";
  }
  if (!good) {
    call.refuse("the method or a header holds what none may hold");
    return handle;
  }
  if (!request.body.empty() || method == "POST" || method == "PUT")
    head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  head += "\r\n";
  call.start(origin(to.instance.host, to.instance.port, to.instance.tls, request.ca_file), head, request.body,
             request.timeout.count() > 0 ? request.timeout : kDefaultTimeout);
  return handle;
}

void Fetcher::cancel(std::uint64_t handle) {
  const auto found = calls_.find(handle);
  if (found == calls_.end()) return;
  calls_.erase(found);
}

void Fetcher::end(Call& call) {
  const auto found = calls_.find(call.handle);
  if (found == calls_.end()) return;
  ended_.push_back(std::move(found->second));
  calls_.erase(found);
  sweep_.arm(net::Millis(0));
}

}  // namespace mcpr::control
