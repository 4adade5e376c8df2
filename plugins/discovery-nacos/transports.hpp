// Everything that talks to the Nacos of one source, put together.
#pragma once

#include <functional>
#include <mcpr/host.hpp>
#include <memory>

#include "auth/identity.hpp"
#include "config/settings.hpp"
#include "http/http_api.hpp"
#include "http/requester.hpp"
#include "link.hpp"
#include "rpc/connection.hpp"
#include "rpc/grpc_wire.hpp"
#include "sync/agenda.hpp"

namespace mcpr::nacos {

class Transports {
 public:
  struct Out {
    std::function<void(const std::string&)> note;  // a line for the log
    // Why we are not logged in, told when Nacos refuses something for it; empty: we are.
    std::function<void(const std::string&)> refused_without_login;
  };
  // The agenda outlives it.
  Transports(sdk::Host host, const Settings& settings, Agenda& agenda, const Out& out);

  Api& api() { return api_; }
  Rpc& rpc() { return connection_; }      // not to be started where gRPC is switched off
  void stop(std::function<void()> done);  // all of it; nothing but done calls back any more

 private:
  Requester requester_;
  Identity identity_;
  HttpApi api_;
  GrpcWire wire_;
  Connection connection_;
};

}  // namespace mcpr::nacos
