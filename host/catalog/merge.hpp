// Makes one catalog of what several sources publish. A plain state machine: it is fed on one thread (the control
// thread), does no I/O, and each commit costs in proportion to what changed.
//
// A service is taken whole from the first source, in discovery order, that has it. The others' are kept and take over
// in the commit in which the winner's is withdrawn, so that no catalog is without the service in between.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/catalog/catalog.hpp"

namespace mcpr::catalog {

class Merge {
 public:
  using SourceId = std::uint32_t;
  using WallTime = std::chrono::system_clock::time_point;

  // What a commit did. before or after is null where the service was not or is no longer in the catalog.
  struct Change {
    std::string name;
    ServicePtr before;
    ServicePtr after;
  };
  // A source's service that is not used because an earlier source has one of that name; said once, for the log.
  struct Shadowed {
    std::string service;
    std::string used;    // source
    std::string unused;  // source
  };
  struct Result {
    CatalogPtr catalog;  // the one before where nothing changed
    bool changed = false;
    std::vector<Change> changes;        // by name
    std::vector<Shadowed> shadowed;     // new since the last commit
    std::vector<Problem> new_problems;  // new since the last commit; all are in the catalog
  };

  // What one source says of a service, for people.
  struct Statement {
    std::string source;
    ServicePtr service;
    bool used = false;
    WallTime changed;     // when the source last said something else
    std::string problem;  // why it is not used, where another source's precedence is not the reason
  };

  Merge();
  ~Merge();
  Merge(const Merge&) = delete;
  Merge& operator=(const Merge&) = delete;

  SourceId add_source(std::string id);                // comes after those that are there
  void remove_source(SourceId source);                // with all that it published
  void set_order(std::span<const SourceId> sources);  // those that are not named keep their order, behind the named
  void set_filter(std::vector<std::string> service_names);  // only these; empty: all

  // Replaces the source's service of that name. at: now.
  void publish(SourceId source, ServicePtr service, WallTime at = {});
  void withdraw(SourceId source, std::string_view name);
  // Replaces all that the source has published, but for what was looked up where there is anything to replace it.
  // Tells in what it differs from what was there.
  struct Difference {
    std::size_t services = 0;  // that it has now
    std::size_t fresh = 0, gone = 0, changed = 0;
  };
  Difference replace(SourceId source, const std::vector<ServicePtr>& services, WallTime at = {});

  // The references (`name@GROUP`) that services need looked up, whether in use or waiting behind another source.
  std::vector<std::string> lookups() const;
  // The answers: the instances (replacing those before), or why there are none. An answer to what nobody needs is
  // dropped.
  void looked_up(std::string_view lookup, std::vector<Instance> instances);
  void look_up_failed(std::string_view lookup, std::string reason);

  std::vector<Statement> statements(std::string_view name) const;  // the used one first, then in discovery order
  std::size_t count(SourceId source) const;                        // services that it has published

  Result commit();
  const CatalogPtr& catalog() const { return catalog_; }

 private:
  struct Candidate;
  struct Slot;
  struct Source;
  struct Lookup;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Slots = std::unordered_map<std::string, Slot, Hash, std::equal_to<>>;
  using ProblemKey = std::pair<SourceId, std::string>;

  Source* find_source(SourceId id);
  bool precedes(const Candidate& a, const Candidate& b) const;
  bool filtered_out(std::string_view name) const;
  void mark(const std::string& key, Slot& slot);
  void mark_all();
  void need_lookup(const std::string& key, const Service& service, int delta);
  void answer(std::string_view lookup, Lookup& found);
  ServicePtr effective(const ServicePtr& service) const;
  void settle(Slot& slot, Result& result);
  void set_problem(SourceId source, const std::string& name, std::string reason, Result& result);
  void clear_problem(SourceId source, const std::string& name);
  void build(Result& result);

  std::vector<Source> sources_;  // by rank
  SourceId next_source_ = 0;
  std::set<std::string, std::less<>> filter_;
  Slots slots_;                     // by name_key
  std::vector<std::string> dirty_;  // keys of slots to settle
  std::map<std::string, Lookup, std::less<>> lookups_;
  std::map<ProblemKey, Problem> problems_;
  bool problems_changed_ = false;
  CatalogPtr catalog_;
};

}  // namespace mcpr::catalog
