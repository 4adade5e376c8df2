#include "host/net/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <ctime>

namespace mcpr::net {

namespace {
constexpr std::size_t kSpareParsers = 64;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

HttpServer::HttpServer(Loop& loop, HttpHandler& handler, HttpServerOptions options)
    : loop_(loop), handler_(handler), options_(options), timer_(loop, [this] { tick(); }) {}

HttpServer::~HttpServer() {
  listeners_.clear();
  while (first_) {
    HttpConnection* connection = first_;
    if (HttpOwner* owner = std::exchange(connection->owner_, nullptr)) owner->on_client_gone();
    connection->destroy();
  }
}

void HttpServer::listen(int fd) {
  listeners_.push_back(
      std::make_unique<Listener>(loop_, fd, [this](int client, const Address& peer) { accept(client, peer); }));
  if (!timer_.armed()) timer_.arm(Millis(1000));
}

void HttpServer::accept(int fd, const Address& peer) {
  if (count_ >= options_.max_connections) {
    ++refused_;
    static constexpr std::string_view answer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
    [[maybe_unused]] const ssize_t sent = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(fd);
    return;
  }
  std::make_unique<HttpConnection>(*this, fd, peer)
      .release();  // owns itself: ends by destroy(), at the latest with the server
}

void HttpServer::tick() {
  timer_.arm(Millis(1000));
  ++now_;
  for (HttpConnection* at = first_; at;) {
    HttpConnection* next = at->next_;
    at->tick(now_);
    at = next;
  }
}

void HttpServer::drain() {
  draining_ = true;
  for (const auto& listener : listeners_) listener->accept_all();
  listeners_.clear();
  for (HttpConnection* at = first_; at;) {
    HttpConnection* next = at->next_;
    at->drain();
    at = next;
  }
}

std::unique_ptr<HttpRequestParser> HttpServer::take_parser() {
  if (parsers_.empty()) return std::make_unique<HttpRequestParser>(options_.limits);
  auto parser = std::move(parsers_.back());
  parsers_.pop_back();
  return parser;
}

void HttpServer::give_parser(std::unique_ptr<HttpRequestParser> parser) {
  if (!parser || parsers_.size() >= kSpareParsers) return;
  parser->reset();
  parsers_.push_back(std::move(parser));
}

std::string_view HttpServer::date() {
  const std::int64_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    std::tm parts{};
    const std::time_t time = second;
    gmtime_r(&time, &parts);
    char buffer[64];
    date_.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  return date_;
}

}  // namespace mcpr::net
