#include "transports.hpp"

#include <random>

namespace mcpr::nacos {
namespace {

// Many routers that start together should not all begin with the same server.
std::size_t random_number() { return std::random_device()(); }

Connection::Options connection_options(sdk::Host host, const Settings& settings) {
  Connection::Options out;
  // Nacos reads what stands before the version as the client's language.
  out.client = "Nacos-Cpp-Client:mcp-router-" + std::string(host.version());
  out.tenant = settings.sync.namespaces.front();
  out.timeout = settings.timeout;
  return out;
}

}  // namespace

Transports::Transports(sdk::Host host, const Settings& settings, Agenda& agenda, const Out& out)
    : requester_(host, settings.servers, random_number(), settings.tls.ca_file),
      identity_(requester_, agenda, {settings.username, settings.password}, {settings.access_key, settings.secret_key},
                settings.timeout, {out.note, out.refused_without_login}),
      api_(requester_, identity_, settings.timeout),
      wire_(host, {settings.grpc, settings.tls}),
      connection_(wire_, agenda, identity_,
                  Rotation(settings.servers, random_number(), static_cast<std::uint32_t>(random_number())),
                  connection_options(host, settings), out.note) {}

void Transports::stop(std::function<void()> done) {
  api_.stop();
  identity_.stop();
  requester_.stop();
  connection_.stop(std::move(done));
}

}  // namespace mcpr::nacos
