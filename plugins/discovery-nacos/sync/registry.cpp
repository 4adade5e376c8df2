#include "registry.hpp"

#include <algorithm>

#include "http_forms.hpp"

namespace mcpr::nacos {
namespace {

constexpr std::size_t kDetailsAtOnce = 8;
constexpr std::size_t kPagesAtMost = 10'000;

constexpr Millis kWatchPatience{10'000};

bool read_page_of(Reply& reply, ListPage& out) {
  if (!reply.ok) return false;
  reply.ok = read_list(reply.body, out, reply.error);
  if (!reply.ok) reply.code = 502;
  return reply.ok;
}

std::string key_of(const Summary& summary) { return summary.id.empty() ? "name:" + summary.name : summary.id; }

}  // namespace

Registry::Registry(Parts& parts, std::string ns, std::size_t position)
    : parts_(parts),
      ns_(std::move(ns)),
      rank_{Rank::Kind::registry, position, 0},
      pattern_(ns_ + ">>" + std::string(kVersionsGroup) + ">>*"),
      details_(
          parts.agenda, kDetailsAtOnce,
          [this](const std::string& key, auto done) { fetch_detail(key, std::move(done)); },
          [this] { review_soon_.sooner(Millis(0)); }),
      backoff_(Millis(1'000), parts.options.poll),
      look_(parts.agenda, [this] { look(); }),
      patience_(parts.agenda, [this] { watch_failed("Nacos does not tell what is there"); }),
      review_soon_(parts.agenda, [this] { review(); }) {}

void Registry::use(Way way) {
  way_ = way;
  ++generation_;
  watch_ = Watch::none;
  list_ = List::unknown;
  listing_ = false;
  seen_.clear();
  reading_.clear();
  details_.clear();
  look_.cancel();
  patience_.cancel();
  backoff_.succeeded();
  for (const auto& item : records_) item.second->use(way);
  if (way_ == Way::none) return;
  if (way_ == Way::push && parts_.rpc.can("fuzzyWatch")) ask_watch();
  read_list();
}

// ---- the watch ----

void Registry::ask_watch() {
  watch_ = Watch::asked;
  JsonObject body{{"groupKeyPattern", pattern_},
                  {"receivedGroupKeys", JsonArray{}},
                  {"watchType", "WATCH"},
                  {"initializing", true},
                  {"module", "config"}};
  parts_.rpc.request("ConfigFuzzyWatchRequest", std::move(body), [this, at = generation_](const Reply& reply) {
    if (at == generation_ && !reply.ok) watch_failed(reply.error);
  });
  patience_.after(kWatchPatience);
}

void Registry::watch_failed(const std::string& why) {
  patience_.cancel();
  watch_ = Watch::refused;
  parts_.note(where() + " cannot be watched (" + why + "): it is listed every " +
              std::to_string(parts_.options.poll.count()) + " ms");
  review_soon_.sooner(Millis(0));
}

void Registry::pushed(std::string_view type, const JsonObject& message) {
  if (way_ != Way::push) return;
  if (type == "ConfigFuzzyWatchChangeNotifyRequest") {
    const std::string change = text_in(message, "changeType");
    return changed(text_in(message, "groupKey"), change.empty() ? text_in(message, "changedType") : change);
  }
  if (type != "ConfigFuzzyWatchSyncRequest" || text_in(message, "groupKeyPattern") != pattern_) return;
  if (const JsonArray* contexts = array_in(message, "contexts")) {
    for (const Json& item : *contexts) {
      if (const JsonObject* context = item.if_object()) {
        changed(text_in(*context, "groupKey"), text_in(*context, "changedType"));
      }
    }
  }
  if (text_in(message, "syncType").starts_with("FINISH")) {
    watch_ = Watch::complete;
    patience_.cancel();
    review_soon_.sooner(Millis(0));
  }
}

void Registry::changed(std::string_view group_key, std::string_view change) {
  const std::optional<ConfigKey> key = parse_group_key(group_key);
  if (!key || key->ns != ns_ || key->group != kVersionsGroup) return;
  const std::string id(id_of_versions_document(key->data_id));
  if (id.empty()) return;
  if (change.starts_with("DELETE")) {
    seen_.erase(id);
    listed_.erase(id);
    forget(id);
  } else if (seen_.insert(id).second) {
    record(id, id, {});
  } else {
    records_.at(id)->refresh();
  }
  review_soon_.sooner(Millis(0));
}

// ---- the list ----

void Registry::read_list() {
  if (std::exchange(listing_, true)) return;
  reading_.clear();
  read_page(1);
}

void Registry::read_page(std::size_t page) {
  Api::Parameters parameters{
      {"pageNo", std::to_string(page)}, {"pageSize", std::to_string(parts_.options.page_size)}, {"namespaceId", ns_}};
  parts_.api.call("GET", "/v3/admin/ai/mcp/list", std::move(parameters), [this, page, at = generation_](Reply reply) {
    if (at == generation_) page_answered(page, std::move(reply));
  });
}

void Registry::page_answered(std::size_t page, Reply reply) {
  ListPage items;
  if (!read_page_of(reply, items)) return list_failed(reply);
  for (Summary& item : items.items) reading_.insert_or_assign(key_of(item), std::move(item));
  const bool more = !items.items.empty() && page * parts_.options.page_size < items.total && page < kPagesAtMost;
  if (more) return read_page(page + 1);
  listing_ = false;
  list_complete();
}

// With a watch the list is only there to show what that leaves out.
void Registry::list_failed(const Reply& reply) {
  listing_ = false;
  const bool passing = may_pass(reply);
  const bool by_watch = watch_ == Watch::asked || watch_ == Watch::complete;
  if (!passing || by_watch) list_ = List::refused;
  if (!passing) set_missing(no_such_api(reply) && !by_watch);
  if (by_watch || missing_) {
    parts_.problems.clear(where());
  } else {
    parts_.problems.set(where(), where() + (passing ? " cannot" : " may not") + " be listed: " + reply.error);
  }
  look_.after(passing ? backoff_.failed() : parts_.options.count_check);
  review_soon_.sooner(Millis(0));
}

void Registry::set_missing(bool missing) {
  if (std::exchange(missing_, missing) != missing && loaded_) parts_.progressed();
}

void Registry::list_complete() {
  list_ = List::known;
  set_missing(false);
  backoff_.succeeded();
  parts_.problems.clear(where());
  listed_ = std::move(reading_);
  reading_.clear();
  for (const auto& [key, summary] : listed_) record(key, summary.id, summary.name).listed(summary);
  // One that is not in the list may have been skipped while the pages moved: it is asked for by its id.
  for (const auto& [key, known] : records_) {
    if (listed_.count(key) == 0) known->refresh();
  }
  look_.after(limited() ? parts_.options.poll : parts_.options.count_check);
  review_soon_.sooner(Millis(0));
}

void Registry::look() {
  const bool compare = watch_ == Watch::complete && list_ == List::known && !limited();
  compare ? compare_count() : read_list();
}

void Registry::compare_count() {
  parts_.api.call("GET", "/v3/admin/ai/mcp/list", {{"pageNo", "1"}, {"pageSize", "1"}, {"namespaceId", ns_}},
                  [this, at = generation_](Reply reply) {
                    if (at != generation_) return;
                    ListPage page;
                    if (read_page_of(reply, page) && page.total != records_.size()) return read_list();
                    look_.after(parts_.options.count_check);
                  });
}

// ---- the records ----

ServerRecord& Registry::record(const std::string& key, const std::string& id, const std::string& name) {
  std::unique_ptr<ServerRecord>& at = records_[key];
  if (!at) {
    ServerRecord::Owner owner{[this, key] { details_.add(key); }, [this] { review_soon_.sooner(Millis(0)); }};
    at = std::make_unique<ServerRecord>(parts_, ns_, id, name, rank_, std::move(owner));
    at->use(way_);
  }
  return *at;
}

void Registry::forget(const std::string& key) {
  details_.remove(key);
  records_.erase(key);
}

void Registry::fetch_detail(const std::string& key, FetchQueue<std::string>::Done done) {
  parts_.api.call("GET", "/v3/admin/ai/mcp", records_.at(key)->detail_parameters(),
                  [this, key, done = std::move(done), generation = generation_](const Reply& reply) {
                    if (generation != generation_) return;
                    const auto known = records_.find(key);
                    const bool decided = known == records_.end() || known->second->detailed(reply);
                    done(decided ? FetchQueue<std::string>::Outcome::done : FetchQueue<std::string>::Outcome::again);
                  });
}

// What the watch does not tell of has to be looked for.
bool Registry::limited() const {
  if (watch_ != Watch::complete) return watch_ != Watch::asked;
  if (seen_.size() >= parts_.options.watch_limit) return true;
  return std::any_of(listed_.begin(), listed_.end(), [this](const auto& item) { return seen_.count(item.first) == 0; });
}

void Registry::review() {
  if (way_ == Way::none) return;
  const bool watched = watch_ == Watch::complete;
  const bool known = watched ? list_ != List::unknown : watch_ != Watch::asked && list_ != List::unknown;
  if (!known) return;
  std::vector<std::string> gone;
  for (const auto& [key, record] : records_) {
    if (record->absent() && seen_.count(key) == 0 && listed_.count(key) == 0) gone.push_back(key);
  }
  for (const std::string& key : gone) forget(key);
  // The watch is complete only now, and shows that it is not whole.
  if (list_ == List::known && limited() && !listing_) look_.sooner(parts_.options.poll);
  if (loaded_ || parts_.problems.has(kLoginProblem)) return;
  if (!details_.idle()) return;
  for (const auto& item : records_) {
    if (!item.second->settled()) return;
  }
  loaded_ = true;
  parts_.progressed();
}

}  // namespace mcpr::nacos
