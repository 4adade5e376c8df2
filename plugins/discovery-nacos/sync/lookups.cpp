#include "lookups.hpp"

#include <algorithm>
#include <deque>

#include "http_forms.hpp"
#include "model/mcp_service.hpp"

namespace mcpr::nacos {

struct Lookups::Search {
  std::string text;
  Reference wanted;
  Done done;
  std::deque<std::function<void()>> steps;  // places to look at
  std::string error;                        // why one of them could not be asked
};

Lookups::~Lookups() { stop(); }

void Lookups::stop() {
  stopped_ = true;
  for (const SearchPtr& search : std::exchange(searches_, {})) {
    search->steps.clear();
    search->done({MCPR_E_CANCELLED, {}, "the source is stopping"});
  }
}

void Lookups::find(std::string_view name, Done done) {
  const std::optional<Reference> wanted = parse_reference(name);
  if (!wanted) return done({MCPR_E_INVALID, {}, "'" + std::string(name) + "' is not of the form name@GROUP[/path]"});
  if (stopped_) return done({MCPR_E_CANCELLED, {}, "the source is stopping"});
  const auto search = std::make_shared<Search>(Search{std::string(name), *wanted, std::move(done), {}, {}});
  searches_.insert(search);
  if (const sdk::Service* known = wanted->group.empty() ? parts_.board.find(wanted->name) : nullptr) {
    return found(search, *known);
  }
  plan(*search);
  next(search);
}

// The steps hold the search weakly: it owns them.
void Lookups::plan(Search& search) {
  const Reference& wanted = search.wanted;
  const auto self =
      std::find_if(searches_.begin(), searches_.end(), [&](const auto& at) { return at.get() == &search; });
  const std::weak_ptr<Search> weak = *self;
  const auto look_at = [&](const std::string& ns, const std::string& group, const std::string& name,
                           const NamingRules& rules) {
    search.steps.emplace_back([this, weak, key = ServiceKey{ns, group, name}, rules] {
      if (const SearchPtr at = weak.lock()) in_naming(at, key, rules);
    });
  };
  const Options& options = parts_.options;
  for (const std::string& ns : options.namespaces) {
    if (!wanted.group.empty()) {
      const auto same = [&](const Options::Group& group) { return group.name == wanted.group; };
      const bool v3 = std::any_of(options.groups.begin(), options.groups.end(),
                                  [&](const Options::Group& group) { return same(group) && group.v3; });
      look_at(ns, wanted.group, wanted.name, {options.default_protocol, v3, {}});
    } else if (options.registry) {
      search.steps.emplace_back([this, weak, ns] {
        if (const SearchPtr at = weak.lock()) in_registry(at, ns);
      });
    }
  }
  if (!wanted.group.empty()) return;
  for (const std::string& ns : options.namespaces) {
    for (const Options::Group& group : options.groups) {
      const NamingRules rules{options.default_protocol, group.v3, options.metadata};
      look_at(ns, group.name, wanted.name, rules);
      if (!group.v3 || !short_name(wanted.name).empty()) continue;
      look_at(ns, group.name, "mcp-" + wanted.name, rules);
      look_at(ns, group.name, "virtual-" + wanted.name, rules);
    }
  }
}

void Lookups::next(const SearchPtr& search) {
  if (!search->steps.empty()) {
    const auto step = std::move(search->steps.front());
    search->steps.pop_front();
    return step();
  }
  if (!search->error.empty()) return answer(search, {MCPR_E_UNAVAILABLE, {}, search->error});
  answer(search, {MCPR_E_NOT_FOUND, {}, "Nacos knows no instances of '" + search->text + "'"});
}

void Lookups::answer(const SearchPtr& search, Answer answer) {
  if (searches_.erase(search) == 0) return;  // answered by stop
  search->done(std::move(answer));
}

void Lookups::found(const SearchPtr& search, sdk::Service service) {
  if (!search->wanted.path.empty()) {
    for (sdk::Instance& instance : service.instances) instance.path = search->wanted.path;
  }
  answer(search, {MCPR_OK, std::move(service), {}});
}

void Lookups::failed(const SearchPtr& search, const Reply& reply) {
  if (search->error.empty()) search->error = "Nacos cannot be asked for '" + search->text + "': " + reply.error;
  next(search);
}

void Lookups::in_naming(const SearchPtr& search, const ServiceKey& key, const NamingRules& rules) {
  const auto use = [this, search, key, rules](const std::vector<Host>& hosts) {
    std::optional<Mapped> mapped = hosts.empty() ? std::nullopt : to_service(key, hosts, rules, nullptr);
    if (!mapped) return next(search);
    if (search->wanted.group.empty()) mapped->service.name = search->wanted.name;
    found(search, std::move(mapped->service));
  };
  const Instances* known = parts_.naming.find(key);
  if (known && known->error.empty()) return use(known->hosts);
  parts_.naming.once(key, [this, search, use](const Reply& reply, const ServiceInfo& info) {
    reply.ok ? use(info.hosts) : failed(search, reply);
  });
}

void Lookups::in_registry(const SearchPtr& search, const std::string& ns) {
  Api::Parameters parameters{{"pageNo", "1"},
                             {"pageSize", "10"},
                             {"namespaceId", ns},
                             {"mcpName", search->wanted.name},
                             {"search", "accurate"}};
  parts_.api.call("GET", "/v3/admin/ai/mcp/list", std::move(parameters), [this, search, ns](Reply reply) {
    ListPage page;
    if (no_such_api(reply)) return next(search);
    if (reply.ok) reply.ok = read_list(reply.body, page, reply.error);
    if (!reply.ok) return failed(search, reply);
    for (const Summary& summary : page.items) {
      if (summary.name == search->wanted.name && !summary.version.empty()) return detail(search, ns, summary);
    }
    next(search);
  });
}

void Lookups::detail(const SearchPtr& search, const std::string& ns, const Summary& summary) {
  Api::Parameters parameters{{"namespaceId", ns},
                             {summary.id.empty() ? "mcpName" : "mcpId", summary.id.empty() ? summary.name : summary.id},
                             {"version", summary.version}};
  parts_.api.call("GET", "/v3/admin/ai/mcp", std::move(parameters), [this, search, ns](Reply reply) {
    Detail detail;
    if (reply.code == 404) return next(search);
    if (reply.ok) reply.ok = read_detail(reply.body, ns, detail, reply.error);
    if (!reply.ok) return failed(search, reply);
    found(search, to_service(detail).service);
  });
}

}  // namespace mcpr::nacos
