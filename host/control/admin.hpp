// The admin listener: health with its reasons, metrics, what is known of sources, plugins and services. On the control
// loop.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "host/net/http_server.hpp"
#include "host/server/guard.hpp"

namespace mcpr::control {

// What the admin listener shows, asked for when it is wanted.
struct AdminView {
  std::function<boost::json::object()> health, info;
  std::function<boost::json::value()> plugins, sources, services;
  std::function<boost::json::value(const std::string&)> service;  // null: there is none
  std::function<std::string()> metrics;
};

struct AdminOptions {
  std::string token;  // empty: only local, undisguised requests
  server::GuardOptions guard;
};

class Admin final : private net::HttpHandler {
 public:
  Admin(net::Loop& loop, AdminView view, AdminOptions options);
  void start(const net::Address& at);  // throws where the address is taken
  std::uint16_t port() const { return port_; }

 private:
  void on_request(net::HttpConnection& connection, std::string_view body) override;
  void on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) override;
  bool allowed(net::HttpConnection& connection) const;

  AdminView view_;
  const std::string token_;
  server::Guard guard_;
  net::HttpServer server_;
  std::uint16_t port_ = 0;
};

}  // namespace mcpr::control
