#include "service_info.hpp"

#include <algorithm>
#include <tuple>

#include "names.hpp"

namespace mcpr::nacos {
namespace {

void host_from(const JsonObject& from, std::vector<Host>& out) {
  Host host;
  host.ip = text_in(from, "ip");
  host.port = port_in(from, "port").value_or(0);
  if (host.ip.empty() || host.port == 0) return;
  host.weight = std::clamp(number_in(from, "weight").value_or(1), 0.0, 1e6);
  host.healthy = flag_in(from, "healthy", true);
  host.enabled = flag_in(from, "enabled", true);
  host.cluster = text_in(from, "clusterName");
  host.metadata = pairs_in(from, "metadata");
  std::sort(host.metadata.begin(), host.metadata.end());
  out.push_back(std::move(host));
}

}  // namespace

bool read_service_info(const Json& value, ServiceInfo& out, std::string& error) {
  out = {};
  const JsonObject* object = value.if_object();
  const JsonArray* hosts = object ? array_in(*object, "hosts") : value.if_array();
  if (object) {
    out.name = text_in(*object, "name");
    out.group = text_in(*object, "groupName");
    const std::size_t at = out.name.find("@@");
    if (at != std::string::npos) {
      if (out.group.empty()) out.group = out.name.substr(0, at);
      out.name.erase(0, at + 2);
    }
    out.time = static_cast<std::int64_t>(std::clamp(number_in(*object, "lastRefTime").value_or(0), 0.0, 1e18));
  }
  if (!hosts && (!object || object->contains("hosts") || out.name.empty())) {
    error = "the instances of a service are no list";
    return false;
  }
  if (hosts) {
    for (const Json& item : *hosts) {
      if (const JsonObject* host = item.if_object()) host_from(*host, out.hosts);
    }
  }
  // Nacos gives no order; a fixed one makes equal answers equal.
  std::sort(out.hosts.begin(), out.hosts.end(), [](const Host& a, const Host& b) {
    return std::tie(a.ip, a.port, a.cluster) < std::tie(b.ip, b.port, b.cluster);
  });
  return true;
}

bool read_service_names(const Json& value, std::string_view group, ServiceNames& out, std::string& error) {
  out = {};
  const JsonObject* object = value.if_object();
  const JsonArray* items = nullptr;
  for (const std::string_view key : {"serviceNames", "doms", "services", "pageItems"}) {
    if (object && !items) items = array_in(*object, key);
  }
  // An empty group is told of without a list.
  if (!object || (!items && !object->contains("count"))) {
    error = "the list of services has another form than expected";
    return false;
  }
  const std::optional<double> count = number_in(*object, object->contains("count") ? "count" : "totalCount");
  out.total = static_cast<std::size_t>(std::clamp(count.value_or(0), 0.0, 1e9));
  if (!items) return true;
  out.items = items->size();
  for (const Json& item : *items) {
    const JsonObject* entry = item.if_object();
    const std::string own = entry ? text_in(*entry, "groupName") : "";
    if (!own.empty() && own != group) continue;
    std::string name = entry ? text_in(*entry, "name") : item.is_string() ? std::string(item.get_string()) : "";
    const std::size_t at = name.find("@@");
    if (at != std::string::npos) name.erase(0, at + 2);
    if (!name.empty()) out.names.push_back(std::move(name));
  }
  return true;
}

}  // namespace mcpr::nacos
