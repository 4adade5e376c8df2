#include "config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/json.hpp"

namespace mcpr::nacos {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Settings read(std::string_view json) {
  Settings out;
  std::string error;
  EXPECT_TRUE(read_settings(json, out, error)) << error;
  return out;
}

std::string fault(std::string_view json) {
  Settings out;
  std::string error;
  EXPECT_FALSE(read_settings(json, out, error)) << json;
  return error;
}

std::vector<std::string> urls(const Settings& settings) {
  std::vector<std::string> out;
  for (const Address& server : settings.servers) out.push_back(server.url());
  return out;
}

TEST(Settings, Defaults) {
  const Settings settings = read("{}");
  EXPECT_FALSE(settings.configured);
  EXPECT_TRUE(settings.enabled);
  EXPECT_THAT(urls(settings), ElementsAre("http://127.0.0.1:8848/nacos"));
  EXPECT_TRUE(settings.grpc.on);
  EXPECT_FALSE(settings.grpc.tls);
  EXPECT_THAT(settings.sync.namespaces, ElementsAre("public"));
  EXPECT_TRUE(settings.sync.registry);
  EXPECT_THAT(settings.sync.groups, IsEmpty());
  EXPECT_FALSE(read(R"({"base-dir":"/etc"})").configured) << "the host gives it to every plugin that takes it";
  EXPECT_TRUE(read(R"({"namespace":"public"})").configured);
}

TEST(Settings, Addresses) {
  EXPECT_THAT(urls(read(R"({"server-addr":"a:1, b ,[::1]:3,http://c,https://d/x/","context-path":"/"})")),
              ElementsAre("http://a:1", "http://b:8848", "http://[::1]:3", "http://c:80", "https://d:443/x"));
  EXPECT_THAT(urls(read(R"({"server-addr":["a:1","a:1"],"tls":true,"context-path":"n"})")),
              ElementsAre("https://a:1/n"));
  EXPECT_THAT(fault(R"({"server-addr":"a:1,b:x"})"), HasSubstr("server-addr: 'b:x': port 'x' is not a number"));
  EXPECT_THAT(fault(R"({"server-addr":"http://a/nacos?x=1"})"), HasSubstr("no query"));
  EXPECT_THAT(fault(R"({"server-addr":{"a":1}})"), HasSubstr("server-addr: expected a list of texts"));
  EXPECT_THAT(fault(R"({"server-addr":"a:65000"})"), HasSubstr("set grpc.port"));
  EXPECT_THAT(fault(R"({"endpoint":"acm.example.com"})"), HasSubstr("name the servers in server-addr"));
}

TEST(Settings, Tls) {
  const Settings plain = read(R"({"server-addr":"https://a:1"})");
  EXPECT_FALSE(plain.grpc.tls) << "a proxy in front of HTTP says nothing of gRPC";
  const Settings files = read(R"({"tls":{"ca-file":"ca.pem","cert-file":"/c.pem","key-file":"/k.pem"},
                                  "base-dir":"/etc/x","grpc":{"port":99}})");
  EXPECT_TRUE(files.servers[0].tls);
  EXPECT_TRUE(files.grpc.tls);
  EXPECT_EQ(files.grpc.port, 99U);
  EXPECT_EQ(files.tls.ca_file, "/etc/x/ca.pem");
  EXPECT_EQ(files.tls.key_file, "/k.pem");
  EXPECT_FALSE(read(R"({"tls":true,"grpc":{"tls":false}})").grpc.tls);
  EXPECT_THAT(fault(R"({"tls":{"cert-file":"/c.pem"}})"), HasSubstr("given together"));
}

TEST(Settings, NamespacesAndGroups) {
  const Settings settings = read(R"({"namespace":"","namespaces":["dev","public"],
      "groups":["a, b",{"name":"c","rules":"mcp-router-v3"},"a"],"include":"mcp-*","exclude":["x","y"],
      "metadata":{"mcp":"","zone":1},"default-protocol":"mcp-sse","short-names":false})");
  EXPECT_THAT(settings.sync.namespaces, ElementsAre("dev", "public"));
  ASSERT_EQ(settings.sync.groups.size(), 3U);
  EXPECT_EQ(settings.sync.groups[1].name, "b");
  EXPECT_FALSE(settings.sync.groups[1].v3);
  EXPECT_TRUE(settings.sync.groups[2].v3);
  EXPECT_THAT(settings.sync.names.include, ElementsAre("mcp-*"));
  EXPECT_THAT(settings.sync.metadata, ElementsAre(std::pair("mcp", ""), std::pair("zone", "1")));
  EXPECT_EQ(settings.sync.announce_namespace, "dev");
  EXPECT_THAT(fault(R"({"groups":[{"rules":"v9"}]})"),
              "groups: a group needs a name; groups.rules: expected plain or mcp-router-v3, found 'v9'");
  EXPECT_THAT(fault(R"({"default-protocol":"grpc"})"), HasSubstr("default-protocol: protocol 'grpc' is not one"));
}

TEST(Settings, AsMcpRouterV3HasIt) {
  const Settings settings = read(R"({"server-addr":"n:8848","namespace":"public","username":"nacos","password":"nacos",
      "api-timeout":10,"ip":"10.0.0.1","registry":{"enabled":true,"service-groups":["mcp-server","mcp-endpoints"],
      "service-group":"mcp-server","service-name":"x","app-name":"a","src-user":"b"}})");
  ASSERT_EQ(settings.sync.groups.size(), 2U);
  EXPECT_EQ(settings.sync.groups[1].name, "mcp-endpoints");
  EXPECT_TRUE(settings.sync.groups[1].v3);
  EXPECT_EQ(settings.sync.announce_group, "mcp-server");
  EXPECT_THAT(settings.notes, ElementsAre("keys that say nothing here are ignored: api-timeout, ip"));
  EXPECT_EQ(read(R"({"registry":{}})").sync.groups[0].name, "mcp-server");
  EXPECT_THAT(read(R"({"registry":{"enabled":false}})").sync.groups, IsEmpty());
}

TEST(Settings, FaultsAreNamedTogether) {
  EXPECT_EQ(fault(R"({"enabled":"maybe","timeout":"soon","page-size":0,"usrname":"x","password":"p"})"),
            "enabled: expected true or false, found \"maybe\"; timeout: 'soon' is not a time (500ms, 5s, 10m, 1h30m, "
            "or a number of milliseconds)"
            "; password: is given without a username"
            "; page-size: expected a number from 1 to 1000, found 0; unknown key 'usrname' (did you mean 'username'?)");
  EXPECT_THAT(fault(R"({"grpc":{"prot":1}})"), HasSubstr("grpc: unknown key 'prot' (did you mean 'port'?)"));
  EXPECT_THAT(fault(R"({"access-key":"a"})"), HasSubstr("given together"));
  EXPECT_THAT(fault("[]"), HasSubstr("not a JSON object"));
  EXPECT_EQ(read(R"({"timeout":null})").timeout, Millis(5'000)) << "a key without a value says nothing";
}

TEST(Settings, TheSchemaKnowsEveryKey) {
  Json schema;
  std::string error;
  ASSERT_TRUE(parse_json(kSettingsSchema, schema, error)) << error;
  const std::string text = fault(R"({"?":1})");
  const JsonObject& properties = *object_in(schema.get_object(), "properties");
  const std::size_t from = text.find("known: ") + 7;
  std::size_t known = 0;
  for (std::size_t at = from; at < text.size(); ++known) {
    const std::size_t end = std::min(text.find_first_of(",)", at), text.size());
    EXPECT_TRUE(properties.contains(text.substr(at, end - at))) << text.substr(at, end - at);
    at = end + 2;
  }
  EXPECT_EQ(known, properties.size());
}

}  // namespace
}  // namespace mcpr::nacos
