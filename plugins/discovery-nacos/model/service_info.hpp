// The instances of one naming service, in each form that Nacos tells of them: the ServiceInfo of gRPC and of the v1
// HTTP API, and the plain list of v3's.
#pragma once

#include <cstdint>
#include <mcpr/abi.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace mcpr::nacos {

struct Host {
  std::string ip{};
  std::uint16_t port = 0;
  double weight = 1;
  bool healthy = true;
  bool enabled = true;
  std::string cluster{};
  sdk::KeyValues metadata{};  // in the order of their names
  bool operator==(const Host&) const = default;
  bool same_place(const Host& other) const { return ip == other.ip && port == other.port && cluster == other.cluster; }
};

struct ServiceInfo {
  std::string group;
  std::string name;
  std::int64_t time = 0;  // lastRefTime; grows from push to push
  std::vector<Host> hosts;
};

bool read_service_info(const Json& value, ServiceInfo& out, std::string& error);

// Names of services: gRPC's {"serviceNames"}, v1's {"doms"}, v3's {"pageItems":[{"name","groupName"}]}.
// Those that are said to be of another group are left out.
struct ServiceNames {
  std::vector<std::string> names;
  std::size_t items = 0;  // on this page, of whatever group
  std::size_t total = 0;
};
bool read_service_names(const Json& value, std::string_view group, ServiceNames& out, std::string& error);

}  // namespace mcpr::nacos
