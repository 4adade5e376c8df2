#include "host/catalog/catalog.hpp"

#include <utility>

namespace mcpr::catalog {

Catalog::Catalog(std::uint64_t revision, Entries entries, std::size_t enabled,
                 std::shared_ptr<const std::vector<Problem>> problems)
    : revision_(revision), entries_(std::move(entries)), enabled_(enabled), problems_(std::move(problems)) {}

std::string_view why_not_routable(const Service& service) {
  if (!service.enabled) return "the service is disabled";
  if (!service.unroutable.empty()) return service.unroutable;
  if (service.instances.empty()) return "the service has no instances";
  return {};
}

}  // namespace mcpr::catalog
