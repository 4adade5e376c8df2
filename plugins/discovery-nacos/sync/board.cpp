#include "board.hpp"

#include <utility>

namespace mcpr::nacos {
namespace {

constexpr std::size_t kToldAtMost = 1'000;

}  // namespace

bool Board::Place::before(const Place& other) const {
  if (rank != other.rank) return rank < other.rank;
  if (version != other.version) {
    if (newer_version(version, other.version)) return true;
    if (newer_version(other.version, version)) return false;
  }
  return origin < other.origin;
}

void Board::put(const std::string& origin, Rank rank, sdk::Service service) {
  if (!names_.takes(service.name)) return remove(origin);
  const Place place{rank, service.version, origin};
  const std::string name = service.name;
  const auto at = origins_.find(origin);
  std::string left;
  if (at != origins_.end()) {
    left = at->second.service.name;
    leave(left, at->second.place);
    at->second = {place, std::move(service)};
  } else {
    origins_.emplace(origin, Origin{place, std::move(service)});
  }
  names_held_[name].insert(place);
  // The new name first, so that a service that is renamed is never missing under both.
  show(name);
  if (!left.empty() && left != name) show(left);
}

void Board::remove(const std::string& origin) {
  const auto at = origins_.find(origin);
  if (at == origins_.end()) return;
  const std::string name = at->second.service.name;
  leave(name, at->second.place);
  origins_.erase(at);
  show(name);
}

const sdk::Service* Board::find(std::string_view name) const {
  const auto at = published_.find(name);
  return at == published_.end() ? nullptr : &at->second;
}

void Board::leave(const std::string& name, const Place& place) {
  const auto at = names_held_.find(name);
  at->second.erase(place);
  if (at->second.empty()) names_held_.erase(at);
}

void Board::show(const std::string& name) {
  const auto held = names_held_.find(name);
  const auto shown = published_.find(name);
  if (held == names_held_.end()) {
    if (shown == published_.end()) return;
    published_.erase(shown);
    out_.withdraw(name);
    return;
  }
  const Origin& first = origins_.at(held->second.begin()->origin);
  for (auto other = std::next(held->second.begin()); other != held->second.end(); ++other) {
    const bool expected = other->rank.kind != first.place.rank.kind || other->version != first.place.version;
    const std::string text =
        "'" + name + "' is there more than once: " + first.place.origin + " is used, " + other->origin + " is not";
    if (expected || told_.count(text) > 0) continue;
    if (told_.size() >= kToldAtMost) told_.clear();
    told_.insert(text);
    out_.note(text);
  }
  sdk::Service service = first.service;
  if (shown != published_.end() && shown->second == service) return;
  published_.insert_or_assign(name, service);
  service.revision = ++revision_;
  out_.publish(service);
}

}  // namespace mcpr::nacos
