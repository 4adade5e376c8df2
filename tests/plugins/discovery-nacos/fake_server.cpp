#include "fake_server.hpp"

#include <boost/json/serialize.hpp>

namespace mcpr::nacos::test {

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

// All versions.
void unpublish(FakeNacos& nacos, const FakeServer& server) {
  std::vector<ConfigKey> keys{{server.ns, std::string(kVersionsGroup), versions_document(server.id)}};
  for (const auto& [key, text] : nacos.configs) {
    if (key.ns == server.ns && key.data_id.starts_with(server.id + "-") && key != keys[0]) keys.push_back(key);
  }
  for (const ConfigKey& key : keys) nacos.remove_config(key);
}

}  // namespace mcpr::nacos::test
