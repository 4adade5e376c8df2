// A service as a plugin builds it, owning its texts, and its view as plain data for the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "mcpr/abi.hpp"

namespace mcpr::sdk {

struct Instance {
  std::string id{};  // empty: the host makes one from host, port and path
  std::string host{};
  std::uint16_t port = 0;
  std::string path{};  // empty: /mcp
  bool tls = false;
  std::uint32_t transport = MCPR_TRANSPORT_STREAMABLE_HTTP;
  std::uint32_t eras = 0;             // MCPR_ERA_* bits; 0: not known
  std::uint32_t weight_milli = 1000;  // 1000 is a weight of 1; 0 takes no new sessions
  bool healthy = true;
  bool enabled = true;
  std::string zone{};
  KeyValues metadata{};
  bool operator==(const Instance&) const = default;
};

struct Tool {
  std::string name{};
  std::string description{};
  bool enabled = true;
  bool operator==(const Tool&) const = default;
};

struct Service {
  std::string name{};
  std::string description{};
  std::string version{};
  std::string protocol{};  // as the source spells it
  std::vector<std::string> tags{};
  bool enabled = true;
  std::vector<Instance> instances{};
  std::vector<Tool> tools{};
  KeyValues metadata{};
  std::string options{};       // JSON object of settings; empty: none
  std::string lookup{};        // `name@GROUP`: instances come from a source that can look it up
  std::string unroutable{};    // why no call can reach it; empty: it can be called
  std::uint64_t revision = 0;  // grows with every change; 0: none
  bool operator==(const Service&) const = default;
};

// The plain data of a service. Refers to the service, which must neither change nor go away before it.
class ServiceView {
 public:
  explicit ServiceView(const Service& service) {
    for (const std::string& tag : service.tags) tags_.push_back(str(tag));
    for (const Tool& tool : service.tools) {
      tools_.push_back({str(tool.name), str(tool.description), tool.enabled * std::uint32_t{MCPR_TOOL_ENABLED}, 0});
    }
    add(service.metadata);
    for (const Instance& instance : service.instances) add(instance.metadata);
    std::size_t at = service.metadata.size();
    for (const Instance& instance : service.instances) {
      instances_.push_back(plain(instance, pairs_.data() + at));
      at += instance.metadata.size();
    }
    c_.struct_size = sizeof c_;
    c_.flags = service.enabled * std::uint32_t{MCPR_SERVICE_ENABLED};
    c_.revision = service.revision;
    c_.name = str(service.name);
    c_.description = str(service.description);
    c_.version = str(service.version);
    c_.protocol = str(service.protocol);
    c_.lookup = str(service.lookup);
    c_.unroutable = str(service.unroutable);
    c_.options = str(service.options);
    c_.tags = tags_.data();
    c_.tags_n = static_cast<std::uint32_t>(tags_.size());
    c_.tools = tools_.data();
    c_.tools_n = static_cast<std::uint32_t>(tools_.size());
    c_.metadata = pairs_.data();
    c_.metadata_n = static_cast<std::uint32_t>(service.metadata.size());
    c_.instances = instances_.data();
    c_.instances_n = static_cast<std::uint32_t>(instances_.size());
    c_.tool_size = sizeof(mcpr_tool);
    c_.instance_size = sizeof(mcpr_instance);
  }
  ServiceView(const ServiceView&) = delete;
  ServiceView& operator=(const ServiceView&) = delete;
  const mcpr_service* c() const { return &c_; }

 private:
  void add(const KeyValues& pairs) {
    for (const auto& [key, value] : pairs) pairs_.push_back({str(key), str(value)});
  }
  static mcpr_instance plain(const Instance& from, const mcpr_kv* metadata) {
    mcpr_instance to{};
    to.id = str(from.id);
    to.host = str(from.host);
    to.path = str(from.path);
    to.zone = str(from.zone);
    to.metadata = metadata;
    to.metadata_n = static_cast<std::uint32_t>(from.metadata.size());
    to.weight_milli = from.weight_milli;
    if (from.healthy) to.flags |= MCPR_INSTANCE_HEALTHY;
    if (from.enabled) to.flags |= MCPR_INSTANCE_ENABLED;
    if (from.tls) to.flags |= MCPR_INSTANCE_TLS;
    to.eras = from.eras;
    to.transport = from.transport;
    to.port = from.port;
    return to;
  }

  std::vector<mcpr_str> tags_;
  std::vector<mcpr_tool> tools_;
  std::vector<mcpr_kv> pairs_;  // the service's, then each instance's
  std::vector<mcpr_instance> instances_;
  mcpr_service c_{};
};

inline Instance instance_from(const mcpr_instance& from) {
  Instance to;
  to.id = view(from.id);
  to.host = view(from.host);
  to.port = from.port;
  to.path = view(from.path);
  to.tls = from.flags & MCPR_INSTANCE_TLS;
  to.transport = from.transport;
  to.eras = from.eras;
  to.weight_milli = from.weight_milli;
  to.healthy = from.flags & MCPR_INSTANCE_HEALTHY;
  to.enabled = from.flags & MCPR_INSTANCE_ENABLED;
  to.zone = view(from.zone);
  for (std::uint32_t i = 0; i < from.metadata_n; ++i) {
    to.metadata.emplace_back(view(from.metadata[i].key), view(from.metadata[i].value));
  }
  return to;
}

// The service that the host announces: its name, metadata and instances.
inline Service announced(const mcpr_service& from) {
  Service to;
  to.name = view(from.name);
  to.description = view(from.description);
  to.version = view(from.version);
  to.protocol = view(from.protocol);
  for (std::uint32_t i = 0; i < from.metadata_n; ++i) {
    to.metadata.emplace_back(view(from.metadata[i].key), view(from.metadata[i].value));
  }
  const auto* bytes = reinterpret_cast<const char*>(from.instances);
  for (std::uint32_t i = 0; i < from.instances_n; ++i) {
    mcpr_instance instance{};  // members that a smaller struct does not have are zero
    std::memcpy(&instance, bytes + std::size_t{i} * from.instance_size,
                std::min<std::size_t>(from.instance_size, sizeof instance));
    to.instances.push_back(instance_from(instance));
  }
  return to;
}

}  // namespace mcpr::sdk
