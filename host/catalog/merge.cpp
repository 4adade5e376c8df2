#include "host/catalog/merge.hpp"

#include <algorithm>
#include <utility>

#include "host/catalog/endpoint.hpp"
#include "host/catalog/names.hpp"

namespace mcpr::catalog {

struct Merge::Source {
  SourceId id = 0;
  std::uint32_t rank = 0;
  std::shared_ptr<const std::string> name;
  std::size_t services = 0;
};

struct Merge::Candidate {
  SourceId source = 0;
  std::uint32_t rank = 0;
  bool plain = true;  // the name is its own key: preferred over one that only decodes to it
  bool shadow_said = false;
  ServicePtr service;
  WallTime changed{};
};

// All services whose names cannot be told apart, usually one name from one or two sources.
struct Merge::Slot {
  std::string key;
  bool dirty = false;
  std::vector<Candidate> candidates;  // best first once settled
  Entry current;                      // what the catalog holds; no service: nothing
};

struct Merge::Lookup {
  std::map<std::string, int> users;  // slot keys, with the number of services of that slot
  bool answered = false;
  std::vector<Instance> instances;
  std::string reason;
};

Merge::Merge() : catalog_(std::make_shared<const Catalog>()) {}
Merge::~Merge() = default;

Merge::Source* Merge::find_source(SourceId id) {
  const auto at = std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.id == id; });
  return at == sources_.end() ? nullptr : &*at;
}

Merge::SourceId Merge::add_source(std::string id) {
  const SourceId number = next_source_++;
  sources_.push_back(
      {number, static_cast<std::uint32_t>(sources_.size()), std::make_shared<const std::string>(std::move(id))});
  return number;
}

void Merge::remove_source(SourceId source) {
  if (!find_source(source)) return;
  for (auto& [key, slot] : slots_) {
    for (const Candidate& candidate : slot.candidates) {
      if (candidate.source == source) need_lookup(key, *candidate.service, -1);
    }
    if (std::erase_if(slot.candidates, [&](const Candidate& c) { return c.source == source; }) > 0) mark(key, slot);
  }
  if (std::erase_if(problems_, [&](const auto& item) { return item.first.first == source; }) > 0) {
    problems_changed_ = true;
  }
  std::erase_if(sources_, [&](const Source& s) { return s.id == source; });
  for (std::uint32_t rank = 0; Source & s : sources_) s.rank = rank++;
}

void Merge::set_order(std::span<const SourceId> order) {
  const auto place = [&](const Source& s) { return std::find(order.begin(), order.end(), s.id) - order.begin(); };
  std::stable_sort(sources_.begin(), sources_.end(),
                   [&](const Source& a, const Source& b) { return place(a) < place(b); });
  bool moved = false;
  for (std::uint32_t rank = 0; Source & s : sources_) {
    moved = moved || s.rank != rank;
    s.rank = rank++;
  }
  if (moved) mark_all();
}

void Merge::set_filter(std::vector<std::string> service_names) {
  std::set<std::string, std::less<>> filter(service_names.begin(), service_names.end());
  if (filter == filter_) return;
  filter_ = std::move(filter);
  mark_all();
}

bool Merge::filtered_out(std::string_view name) const {
  return !filter_.empty() && filter_.find(name) == filter_.end();
}

void Merge::mark(const std::string& key, Slot& slot) {
  if (slot.dirty) return;
  slot.dirty = true;
  dirty_.push_back(key);
}

void Merge::mark_all() {
  for (auto& [key, slot] : slots_) mark(key, slot);
}

void Merge::publish(SourceId source, ServicePtr service, WallTime at) {
  Source* from = find_source(source);
  if (!service || !from) return;
  const std::string key = name_key(service->name);
  Slot& slot = slots_.try_emplace(key, Slot{key, false, {}, {}}).first->second;
  for (Candidate& candidate : slot.candidates) {
    if (candidate.source != source || candidate.service->name != service->name) continue;
    if (*candidate.service == *service) return;
    need_lookup(key, *service, +1);
    need_lookup(key, *candidate.service, -1);
    candidate.service = std::move(service);
    candidate.changed = at;
    mark(key, slot);
    return;
  }
  need_lookup(key, *service, +1);
  const bool plain = service->name == key;
  slot.candidates.push_back({source, 0, plain, false, std::move(service), at});
  ++from->services;
  mark(key, slot);
}

void Merge::withdraw(SourceId source, std::string_view name) {
  const auto at = slots_.find(name_key(name));
  if (at == slots_.end()) return;
  auto& [key, slot] = *at;
  const auto gone = std::find_if(slot.candidates.begin(), slot.candidates.end(),
                                 [&](const Candidate& c) { return c.source == source && c.service->name == name; });
  if (gone == slot.candidates.end()) return;
  need_lookup(key, *gone->service, -1);
  clear_problem(source, gone->service->name);
  slot.candidates.erase(gone);
  --find_source(source)->services;
  mark(key, slot);
}

std::size_t Merge::count(SourceId source) const {
  const auto at = std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.id == source; });
  return at == sources_.end() ? 0 : at->services;
}

std::vector<Merge::Statement> Merge::statements(std::string_view name) const {
  std::vector<Statement> out;
  const auto at = slots_.find(name_key(name));
  if (at == slots_.end()) return out;
  const Slot& slot = at->second;
  for (const Candidate& candidate : slot.candidates) {
    const auto source =
        std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.id == candidate.source; });
    Statement said{*source->name, candidate.service, false, candidate.changed, {}};
    // The first one of that name that nothing speaks against is the one that the catalog has.
    const auto problem = problems_.find({candidate.source, candidate.service->name});
    if (problem != problems_.end()) {
      said.problem = problem->second.reason;
    } else if (filtered_out(candidate.service->name)) {
      said.problem = "mcp.router.service-names does not name it";
    } else {
      said.used = slot.current.service && slot.current.source == source->name &&
                  slot.current.service->name == candidate.service->name;
    }
    out.push_back(std::move(said));
  }
  return out;
}

Merge::Difference Merge::replace(SourceId source, const std::vector<ServicePtr>& services, WallTime at) {
  std::map<std::string_view, const Service*> next;
  for (const ServicePtr& service : services) next[service->name] = service.get();
  Difference out;
  out.services = next.size();
  std::size_t known = 0;
  std::vector<std::string> gone;
  for (const auto& [key, slot] : slots_) {
    for (const Candidate& candidate : slot.candidates) {
      if (candidate.source != source) continue;
      const auto same = next.find(candidate.service->name);
      if (same == next.end()) {
        if (!candidate.service->on_demand || services.empty()) gone.push_back(candidate.service->name);
      } else {
        ++known;
        if (*same->second != *candidate.service) ++out.changed;
      }
    }
  }
  out.fresh = next.size() - known;
  out.gone = gone.size();
  for (const ServicePtr& service : services) publish(source, service, at);
  for (const std::string& name : gone) withdraw(source, name);
  return out;
}

// Keeps count of who needs which reference, so that it is looked up as long as somebody does.
void Merge::need_lookup(const std::string& key, const Service& service, int delta) {
  if (service.lookup.empty()) return;
  const std::string reference(split_lookup(service.lookup).first);
  const auto lookup = lookups_.try_emplace(reference).first;
  auto& users = lookup->second.users;
  if ((users[key] += delta) == 0) users.erase(key);
  if (users.empty()) lookups_.erase(lookup);
}

std::vector<std::string> Merge::lookups() const {
  std::vector<std::string> names;
  names.reserve(lookups_.size());
  for (const auto& item : lookups_) names.push_back(item.first);
  return names;
}

void Merge::looked_up(std::string_view lookup, std::vector<Instance> instances) {
  Lookup found;
  found.instances = std::move(instances);
  if (found.instances.empty()) found.reason = "'" + std::string(lookup) + "' has no instances";
  answer(lookup, found);
}

void Merge::look_up_failed(std::string_view lookup, std::string reason) {
  Lookup found;
  found.reason = std::move(reason);
  answer(lookup, found);
}

void Merge::answer(std::string_view lookup, Lookup& found) {
  const auto at = lookups_.find(lookup);
  if (at == lookups_.end()) return;
  Lookup& state = at->second;
  if (state.answered && state.instances == found.instances && state.reason == found.reason) return;
  state.answered = true;
  state.instances = std::move(found.instances);
  state.reason = std::move(found.reason);
  for (const auto& [key, count] : state.users) {
    if (const auto slot = slots_.find(key); slot != slots_.end()) mark(key, slot->second);
  }
}

// The service as the catalog shows it: with the instances that were looked up, where it names a reference.
ServicePtr Merge::effective(const ServicePtr& service) const {
  if (service->lookup.empty() || !service->unroutable.empty()) return service;
  const auto [reference, path] = split_lookup(service->lookup);
  auto copy = std::make_shared<Service>(*service);
  const auto at = lookups_.find(reference);
  if (at == lookups_.end() || !at->second.answered) {
    copy->unroutable = "'" + std::string(reference) + "' is not looked up yet";
    return copy;
  }
  copy->instances = at->second.instances;
  copy->unroutable = at->second.reason;
  for (Instance& instance : copy->instances) {
    if (!path.empty()) instance.path = path;
    // What the service says of its protocol goes before what the registry says of the instance.
    std::string reason;
    if (!service->protocol.empty() || !path.empty()) {
      instance.transport = transport_of(service->protocol, instance.path, reason);
    }
    if (!reason.empty()) copy->unroutable = reason;
  }
  return copy;
}

bool Merge::precedes(const Candidate& a, const Candidate& b) const {
  if (a.rank != b.rank) return a.rank < b.rank;
  if (a.plain != b.plain) return a.plain;
  return a.service->name < b.service->name;
}

void Merge::settle(Slot& slot, Result& result) {
  for (Candidate& candidate : slot.candidates) candidate.rank = find_source(candidate.source)->rank;
  std::sort(slot.candidates.begin(), slot.candidates.end(),
            [this](const Candidate& a, const Candidate& b) { return precedes(a, b); });
  Candidate* winner = nullptr;
  const auto source_name = [this](SourceId id) { return find_source(id)->name; };
  for (Candidate& candidate : slot.candidates) {
    const std::string& name = candidate.service->name;
    if (filtered_out(name)) {
      candidate.shadow_said = false;
      clear_problem(candidate.source, name);
    } else if (std::string reason = refuse_name(name); !reason.empty()) {
      set_problem(candidate.source, name, std::move(reason), result);
    } else if (!winner) {
      winner = &candidate;
      candidate.shadow_said = false;
      clear_problem(candidate.source, name);
    } else if (name == winner->service->name) {
      clear_problem(candidate.source, name);
      if (!std::exchange(candidate.shadow_said, true)) {
        result.shadowed.push_back({name, *source_name(winner->source), *source_name(candidate.source)});
      }
    } else {
      set_problem(candidate.source, name,
                  "the name cannot be told apart from '" + winner->service->name + "' of source '" +
                      *source_name(winner->source) + "' once percent-decoded",
                  result);
    }
  }
  Entry next;
  if (winner) next = {effective(winner->service), source_name(winner->source)};
  const ServicePtr& before = slot.current.service;
  const ServicePtr& after = next.service;
  const bool same_service = before == after || (before && after && *before == *after);
  if (same_service && slot.current.source == next.source) return;
  result.changed = true;
  // The same service from another source changes what the catalog shows, but nothing for who calls it.
  if (same_service) {
    result.changes.push_back({after->name, before, after});
  } else if (before && after && before->name != after->name) {
    result.changes.push_back({before->name, before, nullptr});
    result.changes.push_back({after->name, nullptr, after});
  } else {
    result.changes.push_back({(after ? after : before)->name, before, after});
  }
  slot.current = std::move(next);
}

void Merge::set_problem(SourceId source, const std::string& name, std::string reason, Result& result) {
  Source* from = find_source(source);
  auto [at, added] = problems_.try_emplace({source, name}, Problem{*from->name, name, {}});
  if (!added && at->second.reason == reason) return;
  at->second.reason = std::move(reason);
  result.new_problems.push_back(at->second);
  problems_changed_ = true;
}

void Merge::clear_problem(SourceId source, const std::string& name) {
  if (problems_.erase({source, name}) > 0) problems_changed_ = true;
}

Merge::Result Merge::commit() {
  Result result;
  for (const std::string& key : std::exchange(dirty_, {})) {
    const auto at = slots_.find(key);
    if (at == slots_.end()) continue;
    at->second.dirty = false;
    settle(at->second, result);
    if (at->second.candidates.empty()) slots_.erase(at);
  }
  build(result);
  return result;
}

void Merge::build(Result& result) {
  std::sort(result.changes.begin(), result.changes.end(),
            [](const Change& a, const Change& b) { return a.name < b.name; });
  if (!result.changed && !problems_changed_) {
    result.catalog = catalog_;
    return;
  }
  result.changed = true;
  std::size_t enabled = catalog_->enabled();
  std::vector<Entries::Change> changes;
  changes.reserve(result.changes.size());
  for (const Change& change : result.changes) {
    enabled -= change.before && change.before->enabled;
    enabled += change.after && change.after->enabled;
    changes.push_back({change.name, std::nullopt});
    if (change.after) changes.back().value = slots_.find(name_key(change.name))->second.current;
  }
  auto problems = catalog_->share_problems();
  if (std::exchange(problems_changed_, false)) {
    std::vector<Problem> all;
    all.reserve(problems_.size());
    for (const auto& item : problems_) all.push_back(item.second);
    std::sort(all.begin(), all.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.service, a.source) < std::tie(b.service, b.source);
    });
    problems = std::make_shared<const std::vector<Problem>>(std::move(all));
  }
  catalog_ = std::make_shared<const Catalog>(catalog_->revision() + 1, catalog_->entries().changed(std::move(changes)),
                                             enabled, std::move(problems));
  result.catalog = catalog_;
}

}  // namespace mcpr::catalog
