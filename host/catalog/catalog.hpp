// The merged view of all services that discovery has published, at one moment. Immutable: all threads share it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/catalog/model.hpp"

namespace mcpr::catalog {

// A service that a source published and that is not in the catalog, and why.
struct Problem {
  std::string source;
  std::string service;
  std::string reason;
  bool operator==(const Problem&) const = default;
};

struct Entry {
  ServicePtr service;
  std::shared_ptr<const std::string> source;  // id of the source it comes from
};

class Catalog {
 public:
  Catalog() = default;
  // The entries are sorted by name, no name twice.
  Catalog(std::uint64_t revision, std::vector<Entry> entries, std::vector<Problem> problems);

  std::uint64_t revision() const { return revision_; }
  std::span<const Entry> entries() const { return entries_; }
  std::span<const Problem> problems() const { return problems_; }

  // The entry of that exact name, or null. Allocates nothing. Valid as long as the catalog.
  const Entry* find(std::string_view name) const;
  // The one enabled service where there is exactly one, which then needs no name; else null.
  const Entry* only() const;

 private:
  std::uint64_t revision_ = 0;
  std::vector<Entry> entries_;
  std::vector<Problem> problems_;
  std::size_t only_ = npos;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

using CatalogPtr = std::shared_ptr<const Catalog>;

// Why no call can reach the service, for people; empty where it can be called.
std::string_view why_not_routable(const Service& service);

}  // namespace mcpr::catalog
