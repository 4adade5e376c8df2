#include "naming.hpp"

#include <algorithm>

#include "http_forms.hpp"

namespace mcpr::nacos {
namespace {

constexpr std::size_t kAtOnce = 16;

JsonObject service_request(const ServiceKey& key) {
  return {{"namespace", key.ns}, {"serviceName", key.name}, {"groupName", key.group}, {"module", "naming"}};
}

// A service that Nacos has never heard of has no instances.
void info_from(Reply& reply, const Json* value, ServiceInfo& out) {
  if (!reply.ok || !value || value->is_null()) return;
  if (read_service_info(*value, out, reply.error)) return;
  reply.ok = false;
  reply.code = 500;
}

bool contains(const std::vector<Host>& hosts, const Host& host) {
  return std::any_of(hosts.begin(), hosts.end(), [&](const Host& other) { return other.same_place(host); });
}

}  // namespace

Naming::Naming(Rpc& rpc, Api& api, Agenda& agenda, const Options& options)
    : rpc_(rpc),
      api_(api),
      options_(options),
      table_({[this](const ServiceKey& key) { added(key); }, [this](const ServiceKey& key) { removed(key); }}),
      queue_(agenda, kAtOnce, [this](const ServiceKey& key, Done done) { fetch(key, std::move(done)); }),
      look_(agenda, [this] { look_again(); }),
      grace_(agenda, [this] { end_grace(); }) {}

void Naming::use(Way way) {
  way_ = way;
  ++generation_;
  queue_.clear();
  look_.cancel();
  grace_.cancel();
  if (way_ == Way::none) return;
  for (auto& [key, state] : states_) {
    state.answered = false;
    state.time = 0;
    for (const Host& host : std::exchange(state.latest, {})) {
      if (!contains(state.unconfirmed, host)) state.unconfirmed.push_back(host);
    }
  }
  grace_.after(options_.grace);
  for (const ServiceKey& key : table_.keys()) queue_.add(key);
  if (way_ == Way::poll) look_.after(options_.poll);
}

void Naming::added(const ServiceKey& key) {
  states_[key];
  if (way_ != Way::none) queue_.add(key);
}

void Naming::removed(const ServiceKey& key) {
  states_.erase(key);
  queue_.remove(key);
  if (way_ != Way::push) return;
  JsonObject body = service_request(key);
  body["clusters"] = "";
  body["subscribe"] = false;
  rpc_.request("SubscribeServiceRequest", std::move(body), [](const Reply&) {});
}

void Naming::fetch(const ServiceKey& key, Done done) {
  auto on_answer = [this, key, done = std::move(done), at = generation_](const Reply& reply, const ServiceInfo& info) {
    if (at == generation_) done(answered(key, reply, info));
  };
  if (way_ == Way::poll) return ask_by_http(key, std::move(on_answer));
  JsonObject body = service_request(key);
  body["clusters"] = "";
  body["subscribe"] = true;
  rpc_.request("SubscribeServiceRequest", std::move(body), [on_answer = std::move(on_answer)](Reply reply) {
    ServiceInfo info;
    const JsonObject* answer = reply.body.if_object();
    info_from(reply, answer ? answer->if_contains("serviceInfo") : nullptr, info);
    on_answer(reply, info);
  });
}

void Naming::once(const ServiceKey& key, std::function<void(const Reply&, const ServiceInfo&)> on_answer) {
  if (way_ != Way::push) return ask_by_http(key, std::move(on_answer));
  JsonObject body = service_request(key);
  body["cluster"] = "";
  body["healthyOnly"] = false;
  body["udpPort"] = 0;
  rpc_.request("ServiceQueryRequest", std::move(body), [on_answer = std::move(on_answer)](Reply reply) {
    ServiceInfo info;
    const JsonObject* answer = reply.body.if_object();
    info_from(reply, answer ? answer->if_contains("serviceInfo") : nullptr, info);
    on_answer(reply, info);
  });
}

void Naming::ask_by_http(const ServiceKey& key, std::function<void(const Reply&, const ServiceInfo&)> on_answer) {
  const std::string_view path = v1_ ? "/v1/ns/instance/list" : "/v3/client/ns/instance/list";
  api_.call("GET", path, {{"namespaceId", key.ns}, {"groupName", key.group}, {"serviceName", key.name}},
            [this, key, v1 = v1_, on_answer = std::move(on_answer)](Reply reply) mutable {
              if (v1 && no_such_api(reply)) {
                v1_ = false;
                return ask_by_http(key, std::move(on_answer));
              }
              ServiceInfo info;
              const Json body = std::move(reply.body);
              info_from(reply, &body, info);
              on_answer(reply, info);
            });
}

Naming::Outcome Naming::answered(const ServiceKey& key, const Reply& reply, const ServiceInfo& info) {
  if (reply.ok) {
    apply(key, info);
    return Outcome::done;
  }
  // Said only where nothing is known yet: what is known stays.
  if (reply.code != 0 && !table_.find(key)) table_.set(key, {{}, key.str() + ": " + reply.error});
  return Outcome::again;
}

void Naming::pushed(const JsonObject& notify) {
  const Json* value = notify.if_contains("serviceInfo");
  ServiceInfo info;
  std::string error;
  if (way_ != Way::push || !value || !read_service_info(*value, info, error)) return;
  const std::string ns = text_in(notify, "namespace");  // r-nacos says it, Nacos does not
  std::vector<ServiceKey> meant;
  for (const auto& [key, state] : states_) {
    if (key.group == info.group && key.name == info.name && (ns.empty() || ns == key.ns)) meant.push_back(key);
  }
  if (meant.size() == 1) return apply(meant.front(), info);
  for (const ServiceKey& key : meant) queue_.add(key);
}

void Naming::apply(const ServiceKey& key, const ServiceInfo& info) {
  const auto at = states_.find(key);
  if (at == states_.end()) return;
  State& state = at->second;
  if (info.time != 0 && info.time < state.time) return;
  state.answered = true;
  state.time = info.time;
  state.latest = info.hosts;
  std::erase_if(state.unconfirmed, [&](const Host& host) { return contains(info.hosts, host); });
  if (!grace_.set()) state.unconfirmed.clear();
  show(key, state);
}

void Naming::show(const ServiceKey& key, const State& state) {
  Instances all{state.latest, {}};
  all.hosts.insert(all.hosts.end(), state.unconfirmed.begin(), state.unconfirmed.end());
  table_.set(key, std::move(all));
}

void Naming::look_again() {
  for (const ServiceKey& key : table_.keys()) queue_.add(key);
  look_.after(options_.poll);
}

void Naming::end_grace() {
  std::vector<ServiceKey> changed;
  for (auto& [key, state] : states_) {
    if (!state.answered || state.unconfirmed.empty()) continue;  // what has not been answered keeps what it had
    state.unconfirmed.clear();
    changed.push_back(key);
  }
  for (const ServiceKey& key : changed) {
    if (const auto at = states_.find(key); at != states_.end()) show(key, at->second);
  }
}

}  // namespace mcpr::nacos
