#include <algorithm>

#include "configs.hpp"
#include "http_forms.hpp"

namespace mcpr::nacos {
namespace {

constexpr int kResourceNotFound = 20004;  // of v3
constexpr unsigned kHoldMs = 15'000;
constexpr Millis kGather{5};
constexpr char kWord = '\x02';
constexpr char kLine = '\x01';

bool is_absent(const Reply& reply) {
  return !reply.ok && (reply.code == kResourceNotFound || reply.error.find("data not exist") != std::string::npos ||
                       reply.error.find("resource not found") != std::string::npos);
}

// dataId, group and, where it is not public, the namespace.
std::vector<ConfigKey> changed_in(std::string_view body) {
  std::vector<ConfigKey> out;
  const std::string text = decode_form(body);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(kLine), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t first = line.find(kWord);
    if (first == std::string_view::npos) continue;
    const std::size_t second = std::min(line.find(kWord, first + 1), line.size());
    std::string_view ns = line.substr(std::min(second + 1, line.size()));
    out.push_back({normal_namespace(ns.substr(0, ns.find(kWord))),
                   std::string(line.substr(first + 1, second - first - 1)), std::string(line.substr(0, first))});
  }
  return out;
}

}  // namespace

void Configs::fetch_by_http(const ConfigKey& key, Done done) {
  Api::Parameters parameters{{"dataId", key.data_id}, {v1_ ? "group" : "groupName", key.group}};
  if (key.ns != kPublic) parameters.emplace_back(v1_ ? "tenant" : "namespaceId", key.ns);
  const std::string_view path = v1_ ? "/v1/cs/configs" : "/v3/client/cs/config";
  api_.call("GET", path, std::move(parameters),
            [this, key, done = std::move(done), v1 = v1_, at = generation_](const Reply& reply) {
              if (at != generation_) return;
              if (is_absent(reply)) return done(keep(key, {}, {}));
              if (v1 && no_such_api(reply)) {
                v1_ = false;
                return done(Outcome::again);
              }
              if (may_pass(reply)) return done(Outcome::again);
              if (!reply.ok) return done(keep(key, {false, {}, reply.error}, {}));
              const JsonObject* body = v1 ? nullptr : reply.body.if_object();
              std::string text = body ? text_in(*body, "content") : reply.raw;
              std::string md5 = md5_hex(text);
              done(keep(key, {true, std::move(text), {}}, std::move(md5)));
            });
}

void Configs::long_poll() {
  if (long_polling_ || !queue_.idle()) return;
  if (!v1_ || !can_long_poll_) {
    for (const ConfigKey& key : table_.keys()) queue_.add(key);
    if (table_.size() > 0) listen_soon_.after(options_.poll);
    return;
  }
  std::string listening;
  for (const auto& [key, md5] : md5_) {
    listening += key.data_id + kWord + key.group + kWord + md5;
    if (key.ns != kPublic) listening += kWord + key.ns;
    listening += kLine;
  }
  if (listening.empty()) return;
  long_polling_ = true;
  api_.call(
      "POST", "/v1/cs/configs/listener", {{"Listening-Configs", std::move(listening)}},
      [this, at = generation_, begun = agenda_.now()](const Reply& reply) {
        if (at == generation_) long_polled(reply, begun);
      },
      {{"Long-Pulling-Timeout", std::to_string(kHoldMs)}}, kHoldMs + 10'000);
}

void Configs::long_polled(const Reply& reply, Agenda::Time begun) {
  long_polling_ = false;
  if (no_such_api(reply)) can_long_poll_ = false;
  if (!reply.ok) return listen_soon_.after(listen_backoff_.failed());
  listen_backoff_.succeeded();
  const std::vector<ConfigKey> changed = changed_in(reply.raw);
  for (const ConfigKey& key : changed) refresh(key);
  // A server that does not hold the request must not be asked without pause.
  const bool held = agenda_.now() - begun >= Millis(1'000);
  if (queue_.idle()) listen_soon_.after(held || !changed.empty() ? kGather : Millis(1'000));
}

}  // namespace mcpr::nacos
