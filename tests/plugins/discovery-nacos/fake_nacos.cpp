#include "fake_nacos.hpp"

#include <boost/json/serialize.hpp>

#include "sync/http_forms.hpp"

namespace mcpr::nacos::test {
namespace {

Reply good(Json body, std::string raw = {}) { return {true, 200, {}, std::move(body), std::move(raw)}; }
Reply bad(int code, std::string error) { return {false, code, std::move(error), {}, {}}; }

std::string group_key(const ConfigKey& key) { return key.data_id + "+" + key.group + "+" + key.ns; }

JsonObject context_of(const ConfigKey& key) {
  JsonObject out{{"dataId", key.data_id}, {"group", key.group}};
  if (key.ns != kPublic) out["tenant"] = key.ns;
  return out;
}

ConfigKey key_of(const JsonObject& body) {
  return {normal_namespace(text_in(body, "tenant")), text_in(body, "group"), text_in(body, "dataId")};
}

ServiceKey service_of(const JsonObject& body) {
  return {text_in(body, "namespace"), text_in(body, "groupName"), text_in(body, "serviceName")};
}

std::string pattern_of(const ConfigKey& key) { return key.ns + ">>" + key.group + ">>*"; }
std::string pattern_of(const ServiceKey& key) { return key.ns + ">>" + key.group + ">>*"; }

std::string get(const std::map<std::string, std::string>& query, const std::string& name) {
  const auto at = query.find(name);
  return at == query.end() ? "" : at->second;
}

}  // namespace

void FakeNacos::connect() {
  connected_ = true;
  events_.connected();
}

void FakeNacos::disconnect(const std::string& why) {
  connected_ = false;
  listened_.clear();
  patterns_.clear();
  naming_patterns_.clear();
  watched_.clear();
  subscribed_.clear();
  run();
  events_.lost(why);
}

void FakeNacos::request(std::string_view type, JsonObject body, OnReply on_reply) {
  ++asked[std::string(type)];
  queue_.push_back([this, type = std::string(type), body = std::move(body), on_reply = std::move(on_reply)] {
    if (!connected_) return on_reply(bad(0, "not connected"));
    const auto refused = refuse.find(type);
    if (refused != refuse.end()) return on_reply(bad(refused->second, "refused by the test"));
    on_reply(answer(type, body));
  });
}

Reply FakeNacos::answer(std::string_view type, const JsonObject& body) {
  if (type == "ConfigQueryRequest") {
    const auto at = configs.find(key_of(body));
    if (at == configs.end()) return bad(300, "config data not exist");
    return good(JsonObject{{"resultCode", 200}, {"content", at->second}, {"md5", md5_hex(at->second)}});
  }
  if (type == "ConfigBatchListenRequest") {
    JsonArray changed;
    for (const Json& item : body.at("configListenContexts").as_array()) {
      const ConfigKey key = key_of(item.as_object());
      if (!body.at("listen").as_bool()) {
        listened_.erase(key);
        continue;
      }
      const std::string md5 = text_in(item.as_object(), "md5");
      listened_[key] = md5;
      const auto at = configs.find(key);
      if (md5 != (at == configs.end() ? "" : md5_hex(at->second))) changed.push_back(context_of(key));
    }
    return good(JsonObject{{"resultCode", 200}, {"changedConfigs", std::move(changed)}});
  }
  if (type == "ConfigFuzzyWatchRequest") {
    watch_configs(text_in(body, "groupKeyPattern"));
    return good(JsonObject{{"resultCode", 200}});
  }
  if (type == "NamingFuzzyWatchRequest") {
    naming_patterns_.insert(text_in(body, "groupKeyPattern"));
    return good(JsonObject{{"resultCode", 200}});
  }
  if (type == "SubscribeServiceRequest" || type == "ServiceQueryRequest") {
    const ServiceKey key = service_of(body);
    if (type == "SubscribeServiceRequest") {
      if (!flag_in(body, "subscribe", true)) {
        subscribed_.erase(key);
        return good(JsonObject{{"resultCode", 200}});
      }
      subscribed_.insert(key);
    }
    return good(JsonObject{{"resultCode", 200}, {"serviceInfo", service_info(key)}});
  }
  if (type == "ServiceListRequest") {
    JsonArray names;
    const auto page = static_cast<std::size_t>(*number_in(body, "pageNo"));
    const auto size = static_cast<std::size_t>(*number_in(body, "pageSize"));
    std::size_t count = 0;
    for (const auto& [key, hosts] : services) {
      if (key.ns != text_in(body, "namespace") || key.group != text_in(body, "groupName")) continue;
      if (count / size + 1 == page) names.emplace_back(key.name);
      ++count;
    }
    return good(JsonObject{{"resultCode", 200}, {"count", count}, {"serviceNames", std::move(names)}});
  }
  if (type == "InstanceRequest" || type == "BatchInstanceRequest") {
    registrations.push_back(body);
    return good(JsonObject{{"resultCode", 200}});
  }
  return bad(302, "RequestHandler Not Found");
}

void FakeNacos::watch_configs(const std::string& pattern) {
  patterns_.insert(pattern);
  JsonArray contexts;
  for (const auto& [key, text] : configs) {
    if (pattern_of(key) != pattern || watched_.size() >= watch_limit) continue;
    watched_.insert(group_key(key));
    contexts.push_back(JsonObject{{"groupKey", group_key(key)}, {"changedType", "ADD_CONFIG"}});
  }
  push("ConfigFuzzyWatchSyncRequest",
       {{"groupKeyPattern", pattern}, {"contexts", std::move(contexts)}, {"syncType", "FUZZY_WATCH_INIT_NOTIFY"}});
  push("ConfigFuzzyWatchSyncRequest",
       {{"groupKeyPattern", pattern}, {"contexts", JsonArray{}}, {"syncType", "FINISH_FUZZY_WATCH_INIT_NOTIFY"}});
}

JsonObject FakeNacos::service_info(const ServiceKey& key) {
  JsonArray hosts;
  for (const FakeHost& host : services[key]) {
    JsonObject metadata;
    for (const auto& [name, value] : host.metadata) metadata[name] = value;
    hosts.push_back(JsonObject{{"ip", host.ip},
                               {"port", host.port},
                               {"weight", host.weight},
                               {"healthy", host.healthy},
                               {"enabled", host.enabled},
                               {"ephemeral", true},
                               {"clusterName", host.cluster},
                               {"serviceName", key.group + "@@" + key.name},
                               {"metadata", std::move(metadata)}});
  }
  return {{"name", key.name},     {"groupName", key.group},    {"clusters", ""},
          {"cacheMillis", 10000}, {"hosts", std::move(hosts)}, {"lastRefTime", ref_time_},
          {"checksum", ""},       {"allIps", false},           {"valid", true}};
}

void FakeNacos::push(const std::string& type, JsonObject message) {
  queue_.push_back([this, type, message = std::move(message)] {
    if (connected_) events_.pushed(type, message);
  });
}

void FakeNacos::tell_config(const ConfigKey& key, bool came, bool went) {
  if (listened_.count(key) > 0) push("ConfigChangeNotifyRequest", context_of(key));
  if ((came || went) && patterns_.count(pattern_of(key)) > 0) {
    if (came && watched_.size() >= watch_limit) return;
    if (went && watched_.erase(group_key(key)) == 0) return;
    if (came) watched_.insert(group_key(key));
    push("ConfigFuzzyWatchChangeNotifyRequest",
         {{"groupKey", group_key(key)}, {"changeType", came ? "CONFIG_CHANGED" : "DELETE_CONFIG"}});
  }
  release_held();
}

void FakeNacos::put_config(const ConfigKey& key, const std::string& text) {
  const bool came = configs.count(key) == 0;
  configs[key] = text;
  tell_config(key, came, false);
}

void FakeNacos::remove_config(const ConfigKey& key) {
  if (configs.erase(key) > 0) tell_config(key, false, true);
}

void FakeNacos::tell_service(const ServiceKey& key, bool came, bool went) {
  ++ref_time_;
  if (subscribed_.count(key) > 0) {
    JsonObject message{{"serviceInfo", service_info(key)}, {"module", "naming"}};
    if (says_namespace) message["namespace"] = key.ns;
    push("NotifySubscriberRequest", std::move(message));
  }
  if ((came || went) && naming_patterns_.count(pattern_of(key)) > 0) {
    push("NamingFuzzyWatchChangeNotifyRequest", {{"serviceKey", key.ns + "@@" + key.group + "@@" + key.name},
                                                 {"changedType", came ? "ADD_SERVICE" : "DELETE_SERVICE"}});
  }
}

void FakeNacos::set_hosts(const ServiceKey& key, std::vector<FakeHost> hosts) {
  const bool came = services.count(key) == 0;
  services[key] = std::move(hosts);
  tell_service(key, came, false);
}

void FakeNacos::remove_service(const ServiceKey& key) {
  services.erase(key);
  tell_service(key, false, true);
  services.erase(key);
}

std::vector<ConfigKey> FakeNacos::listening() const {
  std::vector<ConfigKey> out;
  for (const auto& item : listened_) out.push_back(item.first);
  return out;
}

void FakeNacos::run() {
  for (int rounds = 0; rounds < 100'000; ++rounds) {
    while (!queue_.empty()) {
      const auto task = std::move(queue_.front());
      queue_.pop_front();
      task();
    }
    if (!agenda.next() || *agenda.next() > now) return;
    agenda.run();
  }
  throw std::runtime_error("the test's Nacos never comes to rest");
}

void FakeNacos::pass(std::chrono::milliseconds time) {
  const auto end = now + time;
  run();
  while (agenda.next() && *agenda.next() <= end) {
    now = std::max(now, *agenda.next());
    run();
  }
  now = end;
  run();
}

// ---- HTTP ----

void FakeNacos::call(std::string_view method, std::string_view path, Parameters parameters, OnReply on_reply,
                     std::vector<std::pair<std::string, std::string>>, unsigned) {
  std::map<std::string, std::string> query(parameters.begin(), parameters.end());
  std::string line = std::string(method) + " " + std::string(path);
  char before = '?';
  for (const auto& [name, value] : query) line += std::exchange(before, '&') + name + "=" + value;
  log.push_back(std::move(line));
  ++asked[std::string(path)];
  queue_.push_back([this, path = std::string(path), query = std::move(query), on_reply = std::move(on_reply)] {
    if (!http_up) return on_reply(bad(0, "connection refused"));
    const auto refused = refuse.find(path);
    if (refused != refuse.end()) return on_reply(bad(refused->second, "refused by the test"));
    if (!v1 && path.starts_with("/v1/")) return on_reply(bad(410, "Gone"));
    if (path == "/v1/cs/configs/listener") {
      held_.push_back({get(query, "Listening-Configs"), on_reply});
      return release_held();
    }
    on_reply(answer_http(path, query));
  });
}

Reply FakeNacos::answer_http(std::string_view path, const std::map<std::string, std::string>& query) {
  const std::string ns = normal_namespace(get(query, "namespaceId"));
  if (path.starts_with("/v3/admin/ai/mcp")) {
    if (!registry) return bad(404, "Not Found");
    return path.ends_with("/list") ? list_of_servers(query) : detail(query);
  }
  if (path == "/v1/cs/configs") {
    const auto at = configs.find({normal_namespace(get(query, "tenant")), get(query, "group"), get(query, "dataId")});
    if (at == configs.end()) return bad(404, "config data not exist");
    return good({}, at->second);
  }
  if (path == "/v3/client/cs/config") {
    const auto at = configs.find({ns, get(query, "groupName"), get(query, "dataId")});
    if (at == configs.end()) return bad(20004, "resource not found");
    return good(JsonObject{{"content", at->second}, {"md5", md5_hex(at->second)}});
  }
  const ServiceKey key{ns, get(query, "groupName"), get(query, "serviceName")};
  if (path == "/v1/ns/instance/list") return good(service_info(key));
  if (path == "/v3/client/ns/instance/list") return good(service_info(key).at("hosts"));
  if (path == "/v1/ns/service/list" || path == "/v3/admin/ns/service/list") {
    const bool v3 = path.starts_with("/v3");
    JsonArray names;
    for (const auto& [service, hosts] : services) {
      const bool same_group = v3 || service.group == key.group;  // v3 may answer more than was asked for
      if (service.ns != ns || !same_group) continue;
      if (v3) {
        names.push_back(JsonObject{{"name", service.name}, {"groupName", service.group}});
      } else {
        names.emplace_back(service.name);
      }
    }
    const std::size_t count = names.size();
    if (v3) return good(JsonObject{{"totalCount", count}, {"pageItems", std::move(names)}});
    return good(JsonObject{{"count", count}, {"doms", std::move(names)}});
  }
  return bad(404, "Not Found");
}

Reply FakeNacos::list_of_servers(const std::map<std::string, std::string>& query) {
  const std::string ns = normal_namespace(get(query, "namespaceId")), wanted = get(query, "mcpName");
  const std::size_t page = std::stoul(get(query, "pageNo")), size = std::stoul(get(query, "pageSize"));
  JsonArray items;
  std::size_t count = 0;
  for (const auto& [key, text] : configs) {
    if (key.ns != ns || key.group != kVersionsGroup) continue;
    Json document;
    std::string error;
    parse_json(text, document, error);
    JsonObject& object = document.as_object();
    if (!wanted.empty() && text_in(object, "name") != wanted) continue;
    object["enabled"] = true;  // as Nacos says whatever it was created with
    if (count / size + 1 == page) items.push_back(document);
    ++count;
  }
  return good(JsonObject{{"totalCount", count}, {"pageNumber", page}, {"pageItems", std::move(items)}});
}

Reply FakeNacos::detail(const std::map<std::string, std::string>& query) {
  const std::string ns = normal_namespace(get(query, "namespaceId")), id = get(query, "mcpId");
  const std::string version = get(query, "version");
  const auto at = configs.find({ns, std::string(kServerGroup), server_document(id, version)});
  if (at == configs.end()) return bad(404, "MCP server not found");
  Json document;
  std::string error;
  parse_json(at->second, document, error);
  JsonObject& object = document.as_object();
  object["namespaceId"] = ns;
  const auto tools = configs.find({ns, std::string(kToolsGroup), tools_document(id, version)});
  Json tools_value;
  if (tools != configs.end() && parse_json(tools->second, tools_value, error)) object["toolSpec"] = tools_value;
  JsonArray backend;
  if (const JsonObject* remote = object_in(object, "remoteServerConfig")) {
    const JsonObject& ref = *object_in(*remote, "serviceRef");
    for (const FakeHost& host : services[{ns, text_in(ref, "groupName"), text_in(ref, "serviceName")}]) {
      if (!host.healthy || !host.enabled) continue;
      backend.push_back(JsonObject{{"protocol", nullptr},
                                   {"address", host.ip},
                                   {"port", host.port},
                                   {"path", text_in(*remote, "exportPath")},
                                   {"headers", nullptr}});
    }
  }
  object["backendEndpoints"] = std::move(backend);
  return good(document);
}

// Answers the long polls that have something to tell.
void FakeNacos::release_held() {
  for (std::size_t i = 0; i < held_.size();) {
    std::string changed;
    for (std::string_view rest = held_[i].keys; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\x01'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      std::vector<std::string> words(1);
      for (const char c : line) c == '\x02' ? static_cast<void>(words.emplace_back()) : words.back().push_back(c);
      const ConfigKey key{normal_namespace(words.size() > 3 ? words[3] : ""), words.at(1), words.at(0)};
      const auto at = configs.find(key);
      if (words.at(2) == (at == configs.end() ? "" : md5_hex(at->second))) continue;
      changed += key.data_id + "%02" + key.group + (words.size() > 3 ? "%02" + key.ns : "") + "%01";
    }
    if (changed.empty()) {
      ++i;
      continue;
    }
    queue_.push_back([on_reply = held_[i].on_reply, changed] { on_reply(good(Json(changed), changed)); });
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// ---- servers ----

std::string server_document_of(const FakeServer& server) {
  JsonObject document{
      {"id", server.id},
      {"name", server.name},
      {"protocol", server.protocol},
      {"frontProtocol", server.protocol},
      {"description", server.description},
      {"versionDetail", JsonObject{{"version", server.version}}},
      {"enabled", server.enabled},
      {"status", "active"},
      {"capabilities", JsonArray{"TOOL"}},
      {"remoteServerConfig",
       JsonObject{{"serviceRef", JsonObject{{"namespaceId", server.ns},
                                            {"groupName", server.group},
                                            {"serviceName", server.service.empty() ? server.name + "::" + server.version
                                                                                   : server.service}}},
                  {"exportPath", server.path}}}};
  if (server.tools) document["toolsDescriptionRef"] = tools_document(server.id, server.version);
  return boost::json::serialize(document);
}

std::string versions_document_of(const FakeServer& server, const std::vector<std::string>& drafts) {
  JsonArray versions{JsonObject{{"version", server.version}, {"is_latest", true}}};
  for (const std::string& draft : drafts) versions.push_back(JsonObject{{"version", draft}});
  return boost::json::serialize(JsonObject{{"id", server.id},
                                           {"name", server.name},
                                           {"protocol", server.protocol},
                                           {"latestPublishedVersion", server.version},
                                           {"versionDetails", std::move(versions)}});
}

void publish(FakeNacos& nacos, const FakeServer& server, std::vector<FakeHost> hosts) {
  const std::string service = server.service.empty() ? server.name + "::" + server.version : server.service;
  nacos.set_hosts({server.ns, server.group, service}, std::move(hosts));
  nacos.put_config({server.ns, std::string(kServerGroup), server_document(server.id, server.version)},
                   server_document_of(server));
  if (server.tools) {
    nacos.put_config({server.ns, std::string(kToolsGroup), tools_document(server.id, server.version)},
                     R"({"tools":[{"name":"get_forecast","description":"forecast"},{"name":"hidden"}],)"
                     R"("toolsMeta":{"hidden":{"enabled":false}}})");
  }
  nacos.put_config({server.ns, std::string(kVersionsGroup), versions_document(server.id)},
                   versions_document_of(server));
}

void unpublish(FakeNacos& nacos, const FakeServer& server) {
  nacos.remove_config({server.ns, std::string(kVersionsGroup), versions_document(server.id)});
  nacos.remove_config({server.ns, std::string(kServerGroup), server_document(server.id, server.version)});
  nacos.remove_config({server.ns, std::string(kToolsGroup), tools_document(server.id, server.version)});
}

}  // namespace mcpr::nacos::test
