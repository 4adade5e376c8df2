#include "host/plugin/balancer.hpp"

#include <utility>
#include <vector>

#include "host/plugin/abi.hpp"
#include "host/plugin/host_table.hpp"
#include "host/plugin/plugin_call.hpp"

namespace mcpr::plugin {

namespace {

constexpr std::uint32_t kBalancerSize = 64;  // at ABI 1.0

// The plugin's instance, which may be destroyed on the control thread only.
struct Instance {
  Instance(std::shared_ptr<const LoadedPlugin> from, std::shared_ptr<HostTable> lent, const mcpr_balancer& made)
      : plugin(std::move(from)), host(std::move(lent)), table(made) {}
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    run_plugin(host->services(), host->source(), "destroy", [this] { table.destroy(table.self); });
  }
  std::shared_ptr<const LoadedPlugin> plugin;
  std::shared_ptr<HostTable> host;
  mcpr_balancer table;
};

}  // namespace

struct BalancerTable::Core {
  explicit Core(std::unique_ptr<Instance> made) : instance(std::move(made)) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  // The last table may go on a data thread. The tasks own the instance: a loop that no longer runs frees it with them.
  ~Core() {
    HostServices& services = instance->host->services();
    services.control().post([instance = std::move(instance)]() mutable {
      HostTable& host = *instance->host;
      host.close([instance = std::move(instance)] {});
    });
  }
  std::unique_ptr<Instance> instance;
};

BalancerTable::BalancerTable(std::shared_ptr<Core> core, void* table, std::size_t size)
    : table_(table),
      size_(size),
      pick_(core->instance->table.pick),
      on_start_(core->instance->table.on_start),
      on_end_(core->instance->table.on_end),
      core_(std::move(core)) {}

BalancerTable::~BalancerTable() {
  const Instance& instance = *core_->instance;
  run_plugin(instance.host->services(), instance.host->source(), "discard",
             [&] { instance.table.discard(instance.table.self, table_); });
}

Balancer::Balancer(std::shared_ptr<BalancerTable::Core> core) : core_(std::move(core)) {}
Balancer::~Balancer() = default;
const LoadedPlugin& Balancer::plugin() const { return *core_->instance->plugin; }

std::unique_ptr<Balancer> Balancer::create(std::shared_ptr<const LoadedPlugin> plugin, HostServices& services,
                                           std::string config_json, std::string& error) {
  if (!plugin->balancer()) {
    error = "plugin " + plugin->id() + " is not a balancer plugin";
    return nullptr;
  }
  const auto create = whole(plugin->balancer()).create;
  if (!create) {
    error = "its balancer factory has no create";
    return nullptr;
  }
  auto host = HostTable::make(services, plugin->id());
  ErrorText text;
  const mcpr_balancer* made = nullptr;
  if (!call_plugin(services, plugin->id(), "create", error,
                   [&] { made = create(host->c(), str(config_json), text.out()); })) {
    return nullptr;
  }
  if (!made) {
    error = text.text();
    return nullptr;
  }
  if (!fits(made->struct_size, kBalancerSize) || !made->build || !made->discard || !made->pick || !made->destroy) {
    error = "its balancer table is incomplete: it needs struct_size >= " + std::to_string(kBalancerSize) +
            ", build, discard, pick and destroy";
    return nullptr;
  }
  auto instance = std::make_unique<Instance>(std::move(plugin), std::move(host), whole(made));
  return std::unique_ptr<Balancer>(new Balancer(std::make_shared<BalancerTable::Core>(std::move(instance))));
}

std::unique_ptr<BalancerTable> Balancer::build(std::span<const Peer> peers, const BalancerTable* previous,
                                               std::uint32_t offset) {
  std::vector<mcpr_lb_peer> plain;
  plain.reserve(peers.size());
  for (const Peer& peer : peers) plain.push_back({peer.id_hash, str(peer.zone), peer.stat, peer.weight_milli, 0});
  // A table of another balancer is no state that this one could read.
  const void* state = previous && previous->core_ == core_ ? previous->table_ : nullptr;
  const Instance& instance = *core_->instance;
  ErrorText text;
  std::string error;
  void* table = nullptr;
  if (call_plugin(instance.host->services(), instance.host->source(), "build", error, [&] {
        table = instance.table.build(instance.table.self, plain.data(), static_cast<std::uint32_t>(plain.size()),
                                     sizeof(mcpr_lb_peer), state, offset, text.out());
      })) {
    error = text.text();
  }
  if (table) return std::unique_ptr<BalancerTable>(new BalancerTable(core_, table, peers.size()));
  instance.host->services().log(MCPR_LOG_ERROR, instance.host->source(), "build: " + error);
  return nullptr;
}

}  // namespace mcpr::plugin
