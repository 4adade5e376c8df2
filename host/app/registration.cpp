#include "host/app/registration.hpp"

#include <map>

namespace mcpr::app {

std::optional<catalog::Service> registration(const config::Settings& settings, std::uint16_t port,
                                             const std::string& version,
                                             std::chrono::system_clock::time_point started) {
  const config::Settings::Register& wanted = settings.router.registration;
  if (!wanted.enabled) return std::nullopt;
  const std::string& context = settings.server.context_path;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(started.time_since_epoch()).count();
  std::map<std::string, std::string> metadata{
      {"type", "mcp-router"},        {"role", "router"},
      {"version", version},          {"capabilities", "routing,load-balancing,event-driven"},
      {"acceptConnections", "true"}, {"instanceId", settings.session.instance_id},
      {"contextPath", context},      {"startTime", std::to_string(millis)}};
  for (const auto& [key, value] : wanted.metadata) metadata[key] = value;
  catalog::Service service;
  service.name = wanted.name;
  service.version = version;
  catalog::Instance self;
  self.host = wanted.address;
  self.port = wanted.port ? wanted.port : port;
  self.path = context.empty() ? "/" : context;
  self.metadata.assign(metadata.begin(), metadata.end());
  service.instances.push_back(std::move(self));
  return service;
}

}  // namespace mcpr::app
