#include "host/config/environment.hpp"

#include <boost/json/parse.hpp>
#include <map>

#include "config_fixture.hpp"
#include "host/config/schema.hpp"

namespace mcpr::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using EnvironmentTest = ConfigTest;

TEST_F(EnvironmentTest, NamesOfVariables) {
  EXPECT_EQ(variable_name("mcp.session.instance-id", true), "MCP_SESSION_INSTANCE_ID");
  EXPECT_EQ(variable_name("mcp.session.instance-id", false), "MCP_SESSION_INSTANCEID");
  EXPECT_EQ(variable_name("nacos.serverAddr", true), "NACOS_SERVER_ADDR");
  EXPECT_EQ(variable_name("nacos.serverAddr", false), "NACOS_SERVERADDR");
}

TEST_F(EnvironmentTest, NoTwoKeysShareAVariable) {
  std::map<std::string, std::string> owners;
  for (const Key& key : schema()) {
    for (const bool dashes : {true, false}) {
      const auto [owner, fresh] = owners.emplace(variable_name(key.name, dashes), key.name);
      EXPECT_TRUE(fresh || owner->second == key.name) << key.name << " and " << owner->second;
    }
  }
}

TEST_F(EnvironmentTest, Values) {
  environment = {{"SERVER_PORT", "1234"},
                 {"MCP_SESSION_INSTANCE_ID", "one"},
                 {"SPRING_AI_ALIBABA_MCP_ROUTER_SERVICENAMES", "a,b"},
                 {"LOGGING_LEVEL_NET", "warn"},
                 {"LOGGING_LEVEL_PLUGIN_FILE", "off"},
                 {"server_port", "9"},
                 {"PATH", "/bin"},
                 {"MCP_ROUTER_PORT_8052_TCP", "x"}};
  const Settings s = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(s.server.port, 1234);
  EXPECT_EQ(s.session.instance_id, "one");
  EXPECT_THAT(s.router.service_names, ElementsAre("a", "b"));
  EXPECT_EQ(s.logging.levels.at("net"), "warn");
  EXPECT_EQ(s.logging.levels.at("plugin.file"), "off");
  environment = {{"MCP_SESSION_INSTANCEID", "two"}};
  EXPECT_EQ(load().session.instance_id, "two");
}

TEST_F(EnvironmentTest, Lists) {
  for (int i = 0; i < 12; ++i) environment["SERVER_ALLOWED_HOSTS_" + std::to_string(i)] = "h" + std::to_string(i);
  environment["MCP_ROUTER_SERVICES_0_NAME"] = "weather";
  environment["MCP_ROUTER_SERVICES_0_URL"] = "http://x/";
  const ConfigTree loaded = tree();
  EXPECT_EQ(loaded.find("server.allowed-hosts")->items.size(), 12u);
  EXPECT_EQ(loaded.find("server.allowed-hosts[11]")->text, "h11");
  EXPECT_EQ(loaded.find("mcp.router.services[0].name")->text, "weather");
  EXPECT_EQ(loaded.find("mcp.router.services[0].url")->text, "http://x/");
}

TEST_F(EnvironmentTest, ErrorsNameTheVariable) {
  environment = {{"SERVER_PORT", "tcp://10.0.0.1:80"}, {"DRAIN_TIMEOUT", ""}};
  load();
  EXPECT_THAT(
      said,
      ElementsAre("environment variable SERVER_PORT: server.port: expected a whole number, found 'tcp://10.0.0.1:80'"));
}

TEST_F(EnvironmentTest, ANearMissIsNoted) {
  environment = {{"MCP_SESSION_INSTNACE_ID", "x"}};
  load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(
      notes,
      ElementsAre(HasSubstr("MCP_SESSION_INSTNACE_ID names no key and is ignored; is MCP_SESSION_INSTANCE_ID meant?")));
}

TEST_F(EnvironmentTest, BelowAPluginsPrefix) {
  const char* schema = R"({"type":"object","properties":{"server-addr":{"type":"string"},"registry":{"type":"object",
    "properties":{"service-groups":{"type":"array","items":{"type":"string"}},"enabled":{"type":"boolean"}}}}})";
  claims = {{"spring.ai.alibaba.mcp.nacos", "nacos", boost::json::parse(schema)}, {"mcp.other", "other", {}}};
  file("application.yml", "mcp.other: {deep: {known-key: 1}}\n");
  environment = {{"SPRING_AI_ALIBABA_MCP_NACOS_SERVER_ADDR", "h:1"},
                 {"SPRING_AI_ALIBABA_MCP_NACOS_REGISTRY_SERVICEGROUPS", "a,b"},
                 {"SPRING_AI_ALIBABA_MCP_NACOS_REGISTRY_ENABLED", "false"},
                 {"MCP_OTHER_DEEP_KNOWN_KEY", "2"},
                 {"MCP_OTHER_NEW_KEY", "3"}};
  const ConfigTree loaded = tree();
  EXPECT_EQ(loaded.find("spring.ai.alibaba.mcp.nacos.server-addr")->text, "h:1");
  EXPECT_EQ(loaded.find("spring.ai.alibaba.mcp.nacos.registry.service-groups")->text, "a,b");
  EXPECT_EQ(loaded.find("mcp.other.deep.known-key")->text, "2");
  EXPECT_EQ(loaded.find("mcp.other.new-key")->text, "3");
  Problems problems;
  const std::vector<std::string> prefixes{"spring.ai.alibaba.mcp.nacos"};
  EXPECT_EQ(boost::json::value(loaded.subtree(prefixes, claims[0].schema, problems)),
            boost::json::parse(R"({"server-addr":"h:1","registry":{"enabled":false,"service-groups":["a","b"]}})"));
  EXPECT_THAT(problems, IsEmpty());
}

}  // namespace
}  // namespace mcpr::config
