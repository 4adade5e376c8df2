// A balancer that always picks the same peer, unless it was tried: which one is a setting of the compiler.
#include <stdexcept>

#include "mcpr/sdk.hpp"

#ifndef ID
#define ID "picky"
#endif

namespace {

namespace sdk = mcpr::sdk;

class Picky : public sdk::Balancer {
 public:
  explicit Picky(const Context& context) : Balancer(context) {
#ifdef CREATE_FAILS
    throw std::runtime_error("no dice");
#endif
  }

  class Table {
   public:
    explicit Table(std::uint32_t n) : n_(n) {}
    std::uint32_t pick(const mcpr_lb_request& request) noexcept {
      const std::uint32_t n = n_;
      const std::uint32_t wanted = PICK;
      for (std::uint32_t i = 0; i < n; ++i) {
        const std::uint32_t peer = (wanted + i) % n;
        if (!sdk::tried(request, peer)) return peer;
      }
      return sdk::kNoPeer;
    }

   private:
    const std::uint32_t n_;
  };

  std::unique_ptr<Table> build(std::span<const mcpr_lb_peer> peers, const Table* previous, std::uint32_t) const {
    host().info(std::string("built ") + VERSION + (previous ? " from a table before" : " afresh"));
    return std::make_unique<Table>(static_cast<std::uint32_t>(peers.size()));
  }
};

}  // namespace

MCPR_PLUGIN(Picky, .id = ID, .version = VERSION, .flags = MCPR_PLUGIN_UNLOADABLE)
