#include "configs.hpp"

#include "http_forms.hpp"

namespace mcpr::nacos {
namespace {

constexpr std::size_t kAtOnce = 16;
constexpr std::size_t kListenBatch = 500;
constexpr Millis kGather{5};  // so that one request listens to what was read together
constexpr int kNoConfig = 300;

}  // namespace

Configs::Configs(Rpc& rpc, Api& api, Agenda& agenda, const Options& options)
    : rpc_(rpc),
      api_(api),
      agenda_(agenda),
      options_(options),
      table_({[this](const ConfigKey& key) { added(key); }, [this](const ConfigKey& key) { removed(key); }}),
      queue_(
          agenda, kAtOnce, [this](const ConfigKey& key, Done done) { fetch(key, std::move(done)); },
          [this] {
            if (way_ == Way::poll) listen_soon_.sooner(kGather);
          }),
      listen_backoff_(Millis(1'000), Millis(10'000)),
      listen_soon_(agenda, [this] { way_ == Way::poll ? long_poll() : listen(); }) {}

void Configs::use(Way way) {
  way_ = way;
  ++generation_;
  queue_.clear();
  md5_.clear();
  to_listen_.clear();
  to_leave_.clear();
  listen_soon_.cancel();
  listen_backoff_.succeeded();
  long_polling_ = false;
  if (way_ == Way::none) return;
  for (const ConfigKey& key : table_.keys()) queue_.add(key);
}

void Configs::added(const ConfigKey& key) {
  if (way_ != Way::none) queue_.add(key);
}

void Configs::removed(const ConfigKey& key) {
  queue_.remove(key);
  to_listen_.erase(key);
  if (md5_.erase(key) == 0 || way_ != Way::push) return;
  to_leave_.insert(key);
  listen_soon_.sooner(kGather);
}

void Configs::refresh(const ConfigKey& key) {
  if (way_ != Way::none && table_.has(key)) queue_.add(key);
}

void Configs::pushed(const JsonObject& notify) {
  refresh({normal_namespace(text_in(notify, "tenant")), text_in(notify, "group"), text_in(notify, "dataId")});
}

void Configs::fetch(const ConfigKey& key, Done done) {
  if (way_ == Way::poll) return fetch_by_http(key, std::move(done));
  JsonObject body{{"dataId", key.data_id},
                  {"group", key.group},
                  {"tenant", tenant_of(key.ns)},
                  {"module", "config"},
                  {"headers", JsonObject{{"notify", "false"}}}};
  rpc_.request("ConfigQueryRequest", std::move(body),
               [this, key, done = std::move(done), at = generation_](Reply reply) {
                 if (at == generation_) done(answered(key, reply));
               });
}

Configs::Outcome Configs::answered(const ConfigKey& key, const Reply& reply) {
  if (!reply.ok && reply.code == kNoConfig) return keep(key, {}, {});
  if (!reply.ok) {
    if (reply.code == 403) return keep(key, {false, {}, reply.error}, {});
    return Outcome::again;
  }
  const JsonObject* body = reply.body.if_object();
  const Json* content = body ? body->if_contains("content") : nullptr;
  if (!content || !content->is_string()) return keep(key, {false, {}, "an answer without content"}, {});
  return keep(key, {true, std::string(content->get_string()), {}}, text_in(*body, "md5"));
}

Configs::Outcome Configs::keep(const ConfigKey& key, Document document, std::string md5) {
  if (!table_.has(key)) return Outcome::done;
  md5_[key] = std::move(md5);
  if (way_ == Way::push) {
    to_listen_.insert(key);
    listen_soon_.sooner(kGather);
  }
  // The last good content stays where it can no longer be read.
  const Document* known = table_.find(key);
  if (document.error.empty() || !known || !known->present) table_.set(key, std::move(document));
  return Outcome::done;
}

void Configs::listen() {
  for (const bool on : {false, true}) {
    std::vector<ConfigKey> batch;
    for (const ConfigKey& key : std::exchange(on ? to_listen_ : to_leave_, {})) {
      if (!on && table_.has(key)) continue;
      batch.push_back(key);
      if (batch.size() == kListenBatch) listen(std::exchange(batch, {}), on);
    }
    if (!batch.empty()) listen(batch, on);
  }
}

void Configs::listen(const std::vector<ConfigKey>& keys, bool on) {
  JsonArray contexts;
  for (const ConfigKey& key : keys) {
    const auto md5 = md5_.find(key);
    contexts.push_back(JsonObject{{"dataId", key.data_id},
                                  {"group", key.group},
                                  {"tenant", tenant_of(key.ns)},
                                  {"md5", md5 == md5_.end() ? "" : md5->second}});
  }
  JsonObject body{{"listen", on}, {"configListenContexts", std::move(contexts)}, {"module", "config"}};
  rpc_.request("ConfigBatchListenRequest", std::move(body), [this, keys, on, at = generation_](const Reply& reply) {
    if (at == generation_ && on) listened(keys, reply);
  });
}

void Configs::listened(const std::vector<ConfigKey>& keys, const Reply& reply) {
  if (!reply.ok) {
    for (const ConfigKey& key : keys) {
      if (table_.has(key)) to_listen_.insert(key);
    }
    if (!to_listen_.empty()) listen_soon_.sooner(listen_backoff_.failed());
    return;
  }
  listen_backoff_.succeeded();
  const JsonObject* body = reply.body.if_object();
  const JsonArray* changed = body ? array_in(*body, "changedConfigs") : nullptr;
  if (!changed) return;
  for (const Json& item : *changed) {
    if (const JsonObject* context = item.if_object()) pushed(*context);
  }
}

}  // namespace mcpr::nacos
