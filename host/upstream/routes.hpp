// One data thread's view: the directory and a balancer's table for each of its services.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/plugin/balancer.hpp"
#include "host/upstream/directory.hpp"

namespace mcpr::upstream {

// The balancers that are configured. Immutable, shared by the data threads; destroyed on the control thread.
struct Balancers {
  std::map<std::string, std::unique_ptr<plugin::Balancer>, std::less<>> by_name;
  std::string standard;  // name of the one for services that name none
  plugin::Balancer* of(const catalog::Service& service) const;
};
using BalancersPtr = std::shared_ptr<const Balancers>;

struct PickWish {
  catalog::Era era;
  std::uint64_t key_hash = 0;  // of the session, for balancers that hash
  std::uint32_t attempt = 0;
  const Instance* not_this = nullptr;  // tried already
};

class Routes {
 public:
  explicit Routes(unsigned worker) : worker_(worker) {}

  // Builds tables for the services that are new or changed; the others keep theirs. Returns the services whose tools
  // may be others than before, as slots of the directory.
  std::vector<std::size_t> apply(DirectoryPtr directory, const BalancersPtr& balancers);

  const Directory& directory() const { return *directory_; }

  // The balancer's choice among the enabled, healthy instances that speak the era; if none is healthy, among the
  // others. Null: the service has no instance of that era.
  InstancePtr pick(std::size_t entry, const PickWish& wish);
  // The instance with this id, if the service still has it.
  static InstancePtr find(const ServiceEntry& entry, std::string_view id);

 private:
  const unsigned worker_;
  DirectoryPtr directory_ = std::make_shared<Directory>();
  std::vector<std::unique_ptr<plugin::BalancerTable>> tables_;  // by slot; null: no instances
  std::vector<std::uint64_t> tried_;
  std::uint64_t random_ = 0x9e3779b97f4a7c15ull;
};

// Whether the service could serve a message of the era at all.
bool speaks(const ServiceEntry& entry, catalog::Era era);

std::uint64_t stable_hash(std::string_view text);  // the same in every process and build (FNV-1a)

}  // namespace mcpr::upstream
