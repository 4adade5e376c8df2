#include "host/upstream/directory.hpp"

#include <utility>

#include "host/upstream/tool_facts.hpp"

namespace mcpr::upstream {

Directory::Directory(Entries entries, PagedArray<EntryPtr> slots, std::size_t enabled)
    : entries_(std::move(entries)), slots_(std::move(slots)) {
  if (enabled != 1) return;
  for (const EntryPtr& entry : entries_) {
    if (entry->service->enabled) only_ = entry->slot;
  }
}

std::size_t Directory::find(std::string_view service) const {
  const EntryPtr* entry = entries_.find(service);
  return entry ? (*entry)->slot : kNone;
}

namespace {

bool same_use(const catalog::Service& a, const catalog::Service& b) {
  return a.options.headers == b.options.headers && a.options.timeouts == b.options.timeouts &&
         a.options.ca_file == b.options.ca_file;
}

bool same_text(const std::shared_ptr<const std::string>& a, const std::shared_ptr<const std::string>& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace

DirectoryPtr DirectoryBuilder::build(const catalog::Catalog& catalog) {
  std::vector<Directory::Entries::Change> entries;
  std::vector<std::pair<std::size_t, EntryPtr>> slots;
  std::size_t next_slot = current_->slots();
  catalog::Entries::diff(known_, catalog.entries(), [&](const catalog::Entry* was, const catalog::Entry* is) {
    const std::string& name = (is ? is : was)->service->name;
    const std::size_t old = was ? current_->find(name) : Directory::kNone;
    if (!is) {
      entries.push_back({name, std::nullopt});
      slots.emplace_back(old, nullptr);
      unused_.push_back(old);
      return;
    }
    const catalog::ServicePtr& service = is->service;
    const ServiceEntry* before = old == Directory::kNone ? nullptr : &current_->at(old);
    const bool same_source = before && same_text(before->source, is->source);
    if (before && before->service == service && same_source) return;
    auto entry = std::make_shared<ServiceEntry>();
    entry->service = service;
    if (before) {
      entry->slot = old;
    } else if (!unused_.empty()) {
      entry->slot = unused_.back();
      unused_.pop_back();
    } else {
      entry->slot = next_slot++;
    }
    entry->source = is->source;
    entry->hidden = hidden_tools(*service);
    entry->tells_tools = !service->tools.empty();
    if (before) entry->used = before->used.load(std::memory_order_relaxed);
    const bool same = same_source && same_tools(*before->service, *service);
    entry->tools_revision = same ? before->tools_revision : ++tools_revision_;
    const bool keep = before && same_use(*before->service, *service);
    for (const catalog::Instance& instance : service->instances) {
      InstancePtr found;
      if (keep) {
        for (const InstancePtr& candidate : before->instances) {
          if (candidate->facts() == instance) found = candidate;
        }
      }
      entry->instances.push_back(found ? found : std::make_shared<Instance>(*service, instance));
    }
    slots.emplace_back(entry->slot, entry);
    entries.push_back({name, std::move(entry)});
  });
  known_ = catalog.entries();
  current_ = std::make_shared<Directory>(current_->entries_.changed(std::move(entries)),
                                         current_->slots_.changed(std::move(slots)), catalog.enabled());
  return current_;
}

}  // namespace mcpr::upstream
