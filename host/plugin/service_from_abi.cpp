#include "host/plugin/service_from_abi.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>

#include "host/catalog/endpoint.hpp"
#include "host/catalog/options.hpp"
#include "host/plugin/abi.hpp"

namespace mcpr::plugin {

namespace {

constexpr std::uint32_t kServiceSize = 184, kInstanceSize = 96, kToolSize = 40;  // at ABI 1.0

constexpr std::uint32_t kMostItems = 1'000'000;

struct Array {
  const char* what;
  const void* items;
  std::uint32_t n;
  std::uint32_t size;
  std::uint32_t least;
};

catalog::KeyValues pairs_from(const mcpr_kv* pairs, std::uint32_t n) {
  catalog::KeyValues out;
  out.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) out.emplace_back(view(pairs[i].key), view(pairs[i].value));
  return out;
}

// Item i of an array whose writer's struct may be longer than ours.
template <class T>
T item(const T* items, std::uint32_t size, std::uint32_t i) {
  T out{};
  const char* at = reinterpret_cast<const char*>(items) + std::size_t{size} * i;
  std::memcpy(static_cast<void*>(&out), at, std::min<std::size_t>(size, sizeof out));
  return out;
}

bool instance_from(const mcpr_instance& from, catalog::Instance& to, std::string& error) {
  to.id = view(from.id);
  to.host = view(from.host);
  to.port = from.port;
  to.tls = from.flags & MCPR_INSTANCE_TLS;
  if (from.path.size) to.path = view(from.path);
  if (from.transport > MCPR_TRANSPORT_UNROUTABLE) {
    error = "has the transport " + std::to_string(from.transport) + ", which this router does not know";
    return false;
  }
  to.transport = static_cast<catalog::Transport>(from.transport);
  to.eras = static_cast<std::uint8_t>(from.eras & (catalog::era_handshake | catalog::era_stateless));
  to.weight_milli = from.weight_milli;
  to.healthy = from.flags & MCPR_INSTANCE_HEALTHY;
  to.enabled = from.flags & MCPR_INSTANCE_ENABLED;
  to.zone = view(from.zone);
  if (from.metadata_n && (!from.metadata || from.metadata_n > kMostItems)) {
    error = "announces " + std::to_string(from.metadata_n) + " pairs of metadata, which cannot be";
    return false;
  }
  to.metadata = pairs_from(from.metadata, from.metadata_n);
  const bool has_address = from.transport <= MCPR_TRANSPORT_SSE;
  if (has_address && to.host.empty()) error = "has no host";
  if (has_address && to.port == 0) error = "has no port";
  if (has_address && !to.path.starts_with('/')) error = "has the path '" + to.path + "', which does not begin with /";
  if (to.id.empty()) to.id = catalog::instance_id(to);
  return error.empty();
}

static_assert(static_cast<int>(catalog::Transport::streamable_http) == MCPR_TRANSPORT_STREAMABLE_HTTP);
static_assert(static_cast<int>(catalog::Transport::sse) == MCPR_TRANSPORT_SSE);
static_assert(static_cast<int>(catalog::Transport::stdio) == MCPR_TRANSPORT_STDIO);
static_assert(static_cast<int>(catalog::Transport::unroutable) == MCPR_TRANSPORT_UNROUTABLE);
static_assert(int{catalog::era_handshake} == MCPR_ERA_HANDSHAKE && int{catalog::era_stateless} == MCPR_ERA_STATELESS);

}  // namespace

bool service_from_abi(const mcpr_service& raw, catalog::Service& to, std::string& error) {
  to = {};
  error.clear();
  if (!fits(raw.struct_size, kServiceSize)) {
    error = "mcpr_service has struct_size " + std::to_string(raw.struct_size) + ", not the " +
            std::to_string(kServiceSize) + " of ABI 1.0 or a little more";
    return false;
  }
  const mcpr_service from = whole(&raw);
  to.name = view(from.name);
  if (to.name.empty()) {
    error = "a service without a name";
    return false;
  }
  const auto wrong = [&](const std::string& what) {
    error = "service '" + to.name + "': " + what;
    return false;
  };
  for (const auto& [what, items, n, size, least] :
       {Array{"tools", from.tools, from.tools_n, from.tool_size, kToolSize},
        Array{"instances", from.instances, from.instances_n, from.instance_size, kInstanceSize},
        Array{"tags", from.tags, from.tags_n, sizeof(mcpr_str), sizeof(mcpr_str)},
        Array{"metadata", from.metadata, from.metadata_n, sizeof(mcpr_kv), sizeof(mcpr_kv)}}) {
    if (n == 0) continue;
    if (!items) return wrong(std::to_string(n) + " " + what + " are announced and none are given");
    if (n > kMostItems) return wrong(std::to_string(n) + " " + what + " are more than " + std::to_string(kMostItems));
    if (!fits_item(size, least)) {
      return wrong(std::string("an item of its ") + what + " has the size " + std::to_string(size) + ", not the " +
                   std::to_string(least) + " of ABI 1.0 or a little more");
    }
  }
  to.description = view(from.description);
  to.version = view(from.version);
  to.protocol = view(from.protocol);
  to.enabled = from.flags & MCPR_SERVICE_ENABLED;
  to.lookup = view(from.lookup);
  to.unroutable = view(from.unroutable);
  to.metadata = pairs_from(from.metadata, from.metadata_n);
  for (std::uint32_t i = 0; i < from.tags_n; ++i) to.tags.emplace_back(view(from.tags[i]));
  for (std::uint32_t i = 0; i < from.tools_n; ++i) {
    const mcpr_tool tool = item(from.tools, from.tool_size, i);
    to.tools.push_back(
        {std::string(view(tool.name)), std::string(view(tool.description)), (tool.flags & MCPR_TOOL_ENABLED) != 0});
  }
  std::string problem;
  if (!catalog::parse_service_options(view(from.options), to.options, problem)) return wrong("options: " + problem);
  std::set<std::string> ids;
  for (std::uint32_t i = 0; i < from.instances_n; ++i) {
    catalog::Instance instance;
    if (!instance_from(item(from.instances, from.instance_size, i), instance, problem)) {
      return wrong("instance " + std::to_string(i + 1) + (instance.id.empty() ? "" : " (" + instance.id + ")") + " " +
                   problem);
    }
    if (!ids.insert(instance.id).second) return wrong("two instances have the id '" + instance.id + "'");
    to.instances.push_back(std::move(instance));
  }
  return true;
}

}  // namespace mcpr::plugin
