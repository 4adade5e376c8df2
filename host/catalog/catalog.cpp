#include "host/catalog/catalog.hpp"

#include <algorithm>
#include <utility>

namespace mcpr::catalog {

Catalog::Catalog(std::uint64_t revision, std::vector<Entry> entries, std::vector<Problem> problems)
    : revision_(revision), entries_(std::move(entries)), problems_(std::move(problems)) {
  std::size_t enabled = 0;
  for (std::size_t i = 0; i < entries_.size() && enabled < 2; ++i) {
    if (!entries_[i].service->enabled) continue;
    only_ = ++enabled == 1 ? i : npos;
  }
}

const Entry* Catalog::find(std::string_view name) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                                   [](const Entry& entry, std::string_view n) { return entry.service->name < n; });
  return at != entries_.end() && at->service->name == name ? &*at : nullptr;
}

const Entry* Catalog::only() const { return only_ == npos ? nullptr : &entries_[only_]; }

std::string_view why_not_routable(const Service& service) {
  if (!service.enabled) return "the service is disabled";
  if (!service.unroutable.empty()) return service.unroutable;
  if (service.instances.empty()) return "the service has no instances";
  return {};
}

}  // namespace mcpr::catalog
