// What a data thread routes by: the services of the present catalog with their instances in use. Immutable and shared;
// the control thread makes a new one for every change.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "host/catalog/catalog.hpp"
#include "host/mcp/tool_names.hpp"
#include "host/upstream/instance.hpp"
#include "host/util/paged_array.hpp"
#include "host/util/sorted_pages.hpp"

namespace mcpr::upstream {

struct ServiceEntry {
  catalog::ServicePtr service;
  std::vector<InstancePtr> instances;  // in the order of the service's; disabled ones included
  std::size_t slot = 0;                // the service's number as long as it is in the directory
  std::shared_ptr<const std::string> source;
  mcp::ToolNamesPtr hidden;          // tools that are disabled; null: none
  bool tells_tools = false;          // the source knows the tools, and so can tell when they change
  std::uint64_t tools_revision = 0;  // grows whenever a client's list of tools may be out of date
  // [any] A client has used a service that is there on demand; read and taken back by the control thread.
  mutable std::atomic<bool> used{false};
  void use() const {
    if (service->on_demand) used.store(true, std::memory_order_relaxed);
  }
};
using EntryPtr = std::shared_ptr<const ServiceEntry>;

struct ServiceName {
  std::string_view operator()(const EntryPtr& entry) const { return entry->service->name; }
};

class Directory {
 public:
  using Entries = SortedPages<EntryPtr, ServiceName>;

  Directory() = default;
  Directory(Entries entries, PagedArray<EntryPtr> slots, std::size_t enabled);

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // The slot of a service, or kNone.
  std::size_t find(std::string_view service) const;
  std::size_t only() const { return only_; }  // the one enabled service; kNone when there are none or several
  std::size_t slots() const { return slots_.size(); }
  const ServiceEntry& at(std::size_t slot) const { return *slots_[slot]; }  // of a service that is in the directory
  const EntryPtr& share(std::size_t slot) const { return slots_[slot]; }
  const Entries& entries() const { return entries_; }  // by name

 private:
  friend class DirectoryBuilder;
  Entries entries_;
  PagedArray<EntryPtr> slots_;  // null where no service has the slot
  std::size_t only_ = kNone;
};
using DirectoryPtr = std::shared_ptr<const Directory>;

// Turns catalogs into directories. What has not changed is the same object as before: an instance keeps its connections
// and its counts. Control thread.
class DirectoryBuilder {
 public:
  DirectoryPtr build(const catalog::Catalog& catalog);
  const DirectoryPtr& current() const { return current_; }

 private:
  catalog::Entries known_;            // of the catalog that `current_` shows
  std::vector<std::size_t> unused_;   // slots of services that are gone
  std::uint64_t tools_revision_ = 0;  // the last given; one count for all services, so that one that returns is newer
  DirectoryPtr current_ = std::make_shared<Directory>();
};

}  // namespace mcpr::upstream
