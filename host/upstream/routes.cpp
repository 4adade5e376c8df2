#include "host/upstream/routes.hpp"

#include <algorithm>

namespace mcpr::upstream {

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

plugin::Balancer* Balancers::of(const catalog::Service& service) const {
  if (const auto found = by_name.find(service.options.load_balancer); found != by_name.end())
    return found->second.get();
  const auto found = by_name.find(standard);
  return found == by_name.end() ? nullptr : found->second.get();
}

std::vector<std::size_t> Routes::apply(DirectoryPtr directory, const BalancersPtr& balancers) {
  std::vector<std::size_t> other_tools;
  tables_.resize(std::max(tables_.size(), directory->slots()));
  // A slot may have gone from one service to another meanwhile: first everything that has left its slot.
  Directory::Entries::diff(directory_->entries(), directory->entries(), [&](const EntryPtr* was, const EntryPtr* is) {
    if (was && (!is || (*is)->slot != (*was)->slot)) tables_[(*was)->slot].reset();
  });
  Directory::Entries::diff(directory_->entries(), directory->entries(), [&](const EntryPtr* was, const EntryPtr* is) {
    if (!is) return;
    if (!was || (*was)->tools_revision != (*is)->tools_revision) other_tools.push_back((*is)->slot);
    std::vector<plugin::Peer> peers;
    for (const InstancePtr& at : (*is)->instances) {
      plugin::Peer& peer = peers.emplace_back();
      peer.id_hash = stable_hash(at->id());
      peer.weight_milli = at->facts().weight_milli;
      peer.zone = at->facts().zone;
    }
    std::unique_ptr<plugin::BalancerTable>& table = tables_[(*is)->slot];
    plugin::Balancer* balancer = balancers->of(*(*is)->service);
    table = balancer && !peers.empty() ? balancer->build(peers, table.get(), worker_) : nullptr;
  });
  directory_ = std::move(directory);
  return other_tools;
}

InstancePtr Routes::pick(std::size_t entry, const PickWish& wish) {
  const ServiceEntry& service = directory_->at(entry);
  plugin::BalancerTable* table = tables_[entry].get();
  if (!table) return nullptr;
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  for (const bool healthy_only : {true, false}) {
    tried_.assign(service.instances.size() / 64 + 1, 0);
    bool any = false;
    for (std::size_t i = 0; i < service.instances.size(); ++i) {
      const Instance& at = *service.instances[i];
      const bool fit =
          at.facts().enabled && at.may_speak(wish.era) && &at != wish.not_this && (at.facts().healthy || !healthy_only);
      if (!fit) tried_[i / 64] |= 1ull << (i % 64);
      any = any || fit;
    }
    if (!any) continue;
    const std::uint32_t index = table->pick(tried_.data(), wish.key_hash, random_, wish.attempt);
    if (index < service.instances.size()) return service.instances[index];
  }
  return nullptr;
}

InstancePtr Routes::find(const ServiceEntry& entry, std::string_view id) {
  for (const InstancePtr& at : entry.instances) {
    if (at->id() == id && at->facts().enabled) return at;
  }
  return nullptr;
}

bool speaks(const ServiceEntry& entry, catalog::Era era) {
  for (const InstancePtr& at : entry.instances) {
    if (at->facts().enabled && at->may_speak(era)) return true;
  }
  return false;
}

}  // namespace mcpr::upstream
