// The merged view of all services that discovery has published, at one moment. Immutable: all threads share it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/catalog/model.hpp"
#include "host/util/sorted_pages.hpp"

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
  std::shared_ptr<const std::string> source;      // id of the source it comes from
  bool operator==(const Entry&) const = default;  // the same objects
};

struct EntryName {
  std::string_view operator()(const Entry& entry) const { return entry.service->name; }
};
using Entries = SortedPages<Entry, EntryName>;

class Catalog {
 public:
  Catalog() = default;
  // enabled: how many of the entries are enabled.
  Catalog(std::uint64_t revision, Entries entries, std::size_t enabled,
          std::shared_ptr<const std::vector<Problem>> problems);

  std::uint64_t revision() const { return revision_; }
  const Entries& entries() const { return entries_; }
  std::size_t enabled() const { return enabled_; }
  std::span<const Problem> problems() const { return *problems_; }
  const std::shared_ptr<const std::vector<Problem>>& share_problems() const { return problems_; }

  // The entry of that exact name, or null. Allocates nothing. Valid as long as the catalog.
  const Entry* find(std::string_view name) const { return entries_.find(name); }

 private:
  std::uint64_t revision_ = 0;
  Entries entries_;
  std::size_t enabled_ = 0;
  std::shared_ptr<const std::vector<Problem>> problems_ = std::make_shared<const std::vector<Problem>>();
};

using CatalogPtr = std::shared_ptr<const Catalog>;

// Why no call can reach the service, for people; empty where it can be called.
std::string_view why_not_routable(const Service& service);

}  // namespace mcpr::catalog
