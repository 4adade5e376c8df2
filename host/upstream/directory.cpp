#include "host/upstream/directory.hpp"

#include <algorithm>

#include "host/upstream/tool_facts.hpp"

namespace mcpr::upstream {

Directory::Directory(std::vector<EntryPtr> entries) : entries_(std::move(entries)) {
  std::sort(entries_.begin(), entries_.end(),
            [](const EntryPtr& a, const EntryPtr& b) { return a->service->name < b->service->name; });
  std::size_t enabled = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i]->service->enabled && ++enabled == 1) only_ = i;
  }
  if (enabled != 1) only_ = kNone;
}

std::size_t Directory::find(std::string_view service) const {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), service,
                       [](const EntryPtr& entry, std::string_view name) { return entry->service->name < name; });
  if (at == entries_.end() || (*at)->service->name != service) return kNone;
  return static_cast<std::size_t>(at - entries_.begin());
}

std::size_t Directory::only() const { return only_; }

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
  std::vector<EntryPtr> entries;
  for (const catalog::Entry& known : catalog.entries()) {
    const catalog::ServicePtr& service = known.service;
    const std::size_t old = current_->find(service->name);
    const ServiceEntry* before = old == Directory::kNone ? nullptr : &current_->at(old);
    const bool same_source = before && same_text(before->source, known.source);
    if (before && before->service == service && same_source) {
      entries.push_back(current_->share(old));
      continue;
    }
    auto entry = std::make_shared<ServiceEntry>();
    entry->service = service;
    entry->source = known.source;
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
    entries.push_back(std::move(entry));
  }
  current_ = std::make_shared<Directory>(std::move(entries));
  return current_;
}

}  // namespace mcpr::upstream
