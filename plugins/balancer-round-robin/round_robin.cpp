#include "mcpr/sdk.hpp"
#include "table.hpp"

namespace mcpr::round_robin {
namespace {

class RoundRobin : public sdk::Balancer {
 public:
  using Table = round_robin::Table;
  using Balancer::Balancer;

  std::unique_ptr<Table> build(std::span<const mcpr_lb_peer> peers, const Table* previous, std::uint32_t offset) const {
    return std::make_unique<Table>(peers, previous, offset);
  }
};

constexpr const char* kAliases[] = {"weighted-round-robin", nullptr};
constexpr const char* kSchema = R"({"type": "object", "properties": {}, "additionalProperties": false})";

}  // namespace
}  // namespace mcpr::round_robin

MCPR_PLUGIN(mcpr::round_robin::RoundRobin, .id = "round-robin", .version = "1.0.0",
            .aliases = mcpr::round_robin::kAliases, .config_schema = mcpr::round_robin::kSchema, .vendor = "mcp-router",
            .description = "Instances take turns, in proportion to their weights", .flags = MCPR_PLUGIN_UNLOADABLE)
