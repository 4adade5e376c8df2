#include "host/plugin/service_to_abi.hpp"

#include "host/plugin/abi.hpp"

namespace mcpr::plugin {

ServiceToAbi::ServiceToAbi(const catalog::Service& service) {
  const auto add = [this](const auto& metadata) {
    for (const auto& [key, value] : metadata) pairs_.push_back({str(key), str(value)});
  };
  add(service.metadata);
  for (const catalog::Instance& at : service.instances) add(at.metadata);
  std::size_t pair = service.metadata.size();
  for (const catalog::Instance& at : service.instances) {
    mcpr_instance plain{};
    plain.id = str(at.id);
    plain.host = str(at.host);
    plain.path = str(at.path);
    plain.zone = str(at.zone);
    plain.metadata = pairs_.data() + pair;
    plain.metadata_n = static_cast<std::uint32_t>(at.metadata.size());
    pair += at.metadata.size();
    plain.weight_milli = at.weight_milli;
    if (at.healthy) plain.flags |= MCPR_INSTANCE_HEALTHY;
    if (at.enabled) plain.flags |= MCPR_INSTANCE_ENABLED;
    if (at.tls) plain.flags |= MCPR_INSTANCE_TLS;
    plain.eras = at.eras;
    plain.transport = static_cast<std::uint32_t>(at.transport);
    plain.port = at.port;
    instances_.push_back(plain);
  }
  c_.struct_size = sizeof c_;
  c_.flags = MCPR_SERVICE_ENABLED;
  c_.name = str(service.name);
  c_.description = str(service.description);
  c_.version = str(service.version);
  c_.metadata = pairs_.data();
  c_.metadata_n = static_cast<std::uint32_t>(service.metadata.size());
  c_.instances = instances_.data();
  c_.instances_n = static_cast<std::uint32_t>(instances_.size());
  c_.tool_size = sizeof(mcpr_tool);
  c_.instance_size = sizeof(mcpr_instance);
}

}  // namespace mcpr::plugin
