#include "group.hpp"

#include "http_forms.hpp"

namespace mcpr::nacos {
namespace {

constexpr std::size_t kPageSize = 500;
constexpr std::size_t kPagesAtMost = 1'000;
constexpr Millis kGather{50};  // changes come in bursts

}  // namespace

Group::Group(Parts& parts, std::string ns, std::size_t ns_position, const Options::Group& group, std::size_t position)
    : parts_(parts),
      ns_(std::move(ns)),
      name_(group.name),
      rules_{parts.options.default_protocol, group.v3, parts.options.metadata},
      rank_{Rank::Kind::naming, ns_position, position},
      pattern_(ns_ + ">>" + name_ + ">>*"),
      backoff_(Millis(1'000), parts.options.poll),
      look_(parts.agenda, [this] { list(); }),
      review_soon_(parts.agenda, [this] { review(); }) {}

void Group::use(Way way) {
  way_ = way;
  ++generation_;
  listing_ = false;
  reading_.clear();
  look_.cancel();
  backoff_.succeeded();
  if (way_ == Way::none || yielded_) return;
  keep_until_ = parts_.agenda.now() + (listed_ ? parts_.options.grace : Millis(0));
  if (way_ == Way::push && parts_.rpc.can("fuzzyWatch")) {
    JsonObject body{{"namespace", ns_},     {"groupKeyPattern", pattern_}, {"receivedGroupKeys", JsonArray{}},
                    {"watchType", "WATCH"}, {"initializing", true},        {"module", "naming"}};
    // Where it is refused, the list alone tells.
    parts_.rpc.request("NamingFuzzyWatchRequest", std::move(body), [](const Reply&) {});
  }
  list();
}

void Group::yield(bool on) {
  if (std::exchange(yielded_, on) == on) return;
  services_.clear();
  use(way_);
  review_soon_.sooner(Millis(0));
}

void Group::pushed(std::string_view type, const JsonObject& message) {
  if (way_ != Way::push || yielded_ || !type.starts_with("NamingFuzzyWatch")) return;
  const std::string key = text_in(message, "serviceKey");  // namespace@@group@@service
  const bool ours = text_in(message, "groupKeyPattern") == pattern_ || key.starts_with(ns_ + "@@" + name_ + "@@");
  if (ours) look_.sooner(kGather);
}

void Group::claimed(const ServiceKey& key) {
  if (key.ns != ns_ || key.group != name_) return;
  if (const auto at = services_.find(key.name); at != services_.end()) at->second->evaluate();
}

void Group::list() {
  if (way_ == Way::none || yielded_) return;
  if (std::exchange(listing_, true)) return;
  reading_.clear();
  read_page(1);
}

void Group::read_page(std::size_t page) {
  if (way_ == Way::poll) return read_page_by_http(page);
  JsonObject body{{"namespace", ns_}, {"groupName", name_},    {"serviceName", ""}, {"pageNo", page},
                  {"selector", ""},   {"pageSize", kPageSize}, {"module", "naming"}};
  parts_.rpc.request("ServiceListRequest", std::move(body), [this, page, at = generation_](Reply reply) {
    if (at == generation_) page_answered(page, std::move(reply));
  });
}

void Group::read_page_by_http(std::size_t page) {
  Api::Parameters parameters{{"pageNo", std::to_string(page)},
                             {"pageSize", std::to_string(kPageSize)},
                             {"namespaceId", ns_},
                             {v1_ ? "groupName" : "groupNameParam", name_}};
  parts_.api.call("GET", v1_ ? "/v1/ns/service/list" : "/v3/admin/ns/service/list", std::move(parameters),
                  [this, page, v1 = v1_, at = generation_](Reply reply) {
                    if (at != generation_) return;
                    if (v1 && no_such_api(reply)) {
                      v1_ = false;
                      return read_page_by_http(page);
                    }
                    page_answered(page, std::move(reply));
                  });
}

void Group::page_answered(std::size_t page, Reply reply) {
  ServiceNames names;
  if (reply.ok && !read_service_names(reply.body, name_, names, reply.error)) {
    reply.ok = false;
    reply.code = 502;
  }
  if (!reply.ok) return failed(reply);
  const bool more = names.items > 0 && page * kPageSize < names.total && page < kPagesAtMost;
  for (std::string& name : names.names) reading_.insert(std::move(name));
  if (more) return read_page(page + 1);
  listing_ = false;
  complete();
}

void Group::failed(const Reply& reply) {
  listing_ = false;
  look_.after(backoff_.failed());
  if (reply.code == 0) return;  // the connection's own problem
  parts_.problems.set(where(), where() + " cannot be listed: " + reply.error);
  if (may_pass(reply) || loaded_ || parts_.problems.has(kLoginProblem)) return;
  loaded_ = true;
  parts_.progressed();
}

void Group::complete() {
  backoff_.succeeded();
  parts_.problems.clear(where());
  listed_ = true;
  look_.after(parts_.options.poll);
  for (const std::string& name : reading_) {
    std::unique_ptr<GroupService>& at = services_[name];
    if (at || !takes(split_version(name).first)) continue;
    at = std::make_unique<GroupService>(parts_, ServiceKey{ns_, name_, name}, rules_, rank_,
                                        [this] { review_soon_.sooner(Millis(0)); });
    at->evaluate();
  }
  const bool keep = parts_.agenda.now() < keep_until_;
  std::erase_if(services_,
                [&](const auto& item) { return !item.second || (!keep && reading_.count(item.first) == 0); });
  reading_.clear();
  review_soon_.sooner(Millis(0));
}

bool Group::takes(std::string_view name) const {
  if (parts_.options.names.takes(name)) return true;
  const std::string_view other = rules_.v3 && parts_.options.short_names ? short_name(name) : "";
  return !other.empty() && parts_.options.names.takes(other);
}

void Group::review() {
  if (loaded_ || !(listed_ || yielded_) || parts_.problems.has(kLoginProblem)) return;
  for (const auto& item : services_) {
    if (!item.second->settled()) return;
  }
  loaded_ = true;
  parts_.progressed();
}

}  // namespace mcpr::nacos
