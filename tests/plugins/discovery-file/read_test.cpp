#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config.hpp"
#include "read_file.hpp"

namespace mcpr::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::optional<std::string> environment(std::string_view name) {
  if (name == "TOKEN") return "s3cret";
  if (name == "EMPTY") return "";
  if (name == "PORT") return "9005";
  return std::nullopt;
}

Reading read(std::string_view text, std::string file = "s.yml") {
  return read_file(text, Context{std::move(file), "/etc/mcpr", environment});
}

Service one(std::string_view text, std::string file = "s.yml") {
  const Reading reading = read(text, std::move(file));
  for (const Issue& e : reading.errors) ADD_FAILURE() << e.str();
  EXPECT_THAT(reading.services, SizeIs(1));
  return reading.services.empty() ? Service{} : reading.services[0].service;
}

std::vector<std::string> errors(std::string_view text, std::string file = "s.yml") {
  std::vector<std::string> out;
  const Reading reading = read(text, std::move(file));
  EXPECT_THAT(reading.services, IsEmpty());
  for (const Issue& e : reading.errors) out.push_back(e.str());
  return out;
}

std::string error(std::string_view text, std::string file = "s.yml") {
  const auto all = errors(text, std::move(file));
  EXPECT_THAT(all, SizeIs(1)) << text;
  return all.empty() ? "" : all[0];
}

TEST(Services, TheFormOfTheSpringRouter) {
  const Service s = one(R"(
spring:
  ai:
    alibaba:
      mcp:
        router:
          enabled: true
          discovery-order: [file]
          services:
            - name: static-service
              description: "A statically configured service"
              protocol: sse
              version: "1.0"
              endpoint: "static-service@DEFAULT_GROUP"
              tags:
                - static
                - test
)");
  EXPECT_EQ(s.name, "static-service");
  EXPECT_EQ(s.description, "A statically configured service");
  EXPECT_EQ(s.protocol, "sse");
  EXPECT_EQ(s.version, "1.0");
  EXPECT_EQ(s.lookup, "static-service@DEFAULT_GROUP");
  EXPECT_THAT(s.tags, ElementsAre("static", "test"));
  EXPECT_TRUE(s.enabled);
  EXPECT_THAT(s.instances, IsEmpty());
  EXPECT_EQ(s.unroutable, "");
}

TEST(Services, Endpoint) {
  Service s = one("services: [{name: a, endpoint: 'http://localhost:8080/weather', tags: 'x, y'}]");
  ASSERT_THAT(s.instances, SizeIs(1));
  EXPECT_EQ(s.instances[0].host, "localhost");
  EXPECT_EQ(s.instances[0].port, 8080);
  EXPECT_EQ(s.instances[0].path, "/weather");
  EXPECT_EQ(s.instances[0].transport, MCPR_TRANSPORT_STREAMABLE_HTTP);
  EXPECT_EQ(s.instances[0].id, "localhost:8080/weather");
  EXPECT_THAT(s.tags, ElementsAre("x", "y"));
  s = one("services: [{name: a, endpoint: '10.0.0.7:9000', protocol: mcp-sse}]");
  EXPECT_EQ(s.instances[0].path, "/sse");
  EXPECT_EQ(s.instances[0].transport, MCPR_TRANSPORT_SSE);
  EXPECT_EQ(one("services: [{name: a, endpoint: 'https://h/x/sse'}]").instances[0].transport, MCPR_TRANSPORT_SSE);
  EXPECT_EQ(one("services: [{name: a, endpoint: 'w@G/sse'}]").lookup, "w@G/sse");
}

TEST(Services, Instances) {
  const Service s = one(R"(
services:
  - name: weather
    protocol: mcp-streamable
    eras: [handshake]
    instances:
      - {host: 10.0.0.1, port: 8080, path: /api, weight: 2.5, zone: east, metadata: {rack: 7}, eras: stateless}
      - {host: "::1", tls: true, enabled: false, weight: 0.0001}
      - {url: "http://c:1/mcp?k=v", protocol: sse, id: third, weight: 0}
)");
  ASSERT_THAT(s.instances, SizeIs(3));
  const Instance& a = s.instances[0];
  EXPECT_EQ(a.host, "10.0.0.1");
  EXPECT_EQ(a.port, 8080);
  EXPECT_EQ(a.path, "/api");
  EXPECT_EQ(a.weight_milli, 2500u);
  EXPECT_EQ(a.zone, "east");
  EXPECT_THAT(a.metadata, ElementsAre(std::pair("rack", "7")));
  EXPECT_EQ(a.eras, std::uint32_t{MCPR_ERA_STATELESS});
  const Instance& b = s.instances[1];
  EXPECT_EQ(b.host, "::1");
  EXPECT_EQ(b.port, 443);
  EXPECT_TRUE(b.tls);
  EXPECT_FALSE(b.enabled);
  EXPECT_EQ(b.weight_milli, 1u);
  EXPECT_EQ(b.eras, std::uint32_t{MCPR_ERA_HANDSHAKE});
  EXPECT_EQ(b.path, "/mcp");
  EXPECT_EQ(b.id, "https://[::1]:443/mcp");
  const Instance& c = s.instances[2];
  EXPECT_EQ(c.id, "third");
  EXPECT_EQ(c.transport, MCPR_TRANSPORT_SSE);
  EXPECT_EQ(c.path, "/mcp?k=v");
  EXPECT_EQ(c.weight_milli, 0u);
}

TEST(Services, Urls) {
  const Service s = one("services: [{name: a, urls: ['http://a:1/mcp', 'http://b:1/mcp']}]");
  ASSERT_THAT(s.instances, SizeIs(2));
  EXPECT_EQ(s.instances[1].host, "b");
  EXPECT_THAT(error("services: [{name: a, urls: ['http://a/mcp', 'http://a:80/mcp']}]"), HasSubstr("given twice"));
  EXPECT_THAT(error("services: [{name: a, url: 'w@G'}]"), HasSubstr("`endpoint`"));
}

TEST(Services, OptionsAreOneObject) {
  const Service s = one(R"(
services:
  - name: a
    url: http://a:1/mcp
    headers: {Authorization: "Bearer ${TOKEN}", X-Tenant: "${TENANT:blue}", X-Empty: "${EMPTY:never}"}
    timeouts: {connect: 2s, response: 1500, tools: {slow: 10m}}
    forwardAuthorization: true
    forward_cookie: no
    ca-file: certs/ca.pem
    load-balancer: least-inflight
    metadata: {owner: team-a}
    tools: [echo, {name: fail, enabled: false, description: never works}]
)");
  EXPECT_EQ(s.options,
            R"({"headers":{"Authorization":"Bearer s3cret","X-Tenant":"blue","X-Empty":""},)"
            R"("timeouts":{"connect":2000,"response":1500,"tools":{"slow":600000}},"forward-authorization":true,)"
            R"("forward-cookie":false,"ca-file":"/etc/mcpr/certs/ca.pem","load-balancer":"least-inflight"})");
  EXPECT_THAT(s.metadata, ElementsAre(std::pair("owner", "team-a")));
  EXPECT_THAT(s.tools, ElementsAre(Tool{"echo", "", true}, Tool{"fail", "never works", false}));
  EXPECT_EQ(one("services: [{name: a, url: 'http://a'}]").options, "");
}

TEST(Services, EnvironmentInValues) {
  EXPECT_EQ(one("services: [{name: a, endpoint: 'localhost:${PORT}/x'}]").instances[0].port, 9005);
  EXPECT_EQ(one("services: [{name: a, url: 'http://a', description: '${NOT_SET}'}]").description, "${NOT_SET}")
      << "descriptions are prose";
  EXPECT_EQ(error("services:\n- name: a\n  url: http://a\n  headers:\n    X-Key: ${NOT_SET}\n"),
            "s.yml:5:12: service 'a': headers.X-Key: environment variable NOT_SET is not set, and no default is given");
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', headers: {X: '${TOKEN'}}]"), HasSubstr("without its '}'"));
  EXPECT_EQ(one("services: [{name: '\\${x}', url: 'http://a'}]").name, "${x}");
}

TEST(Services, ErrorsSayWhereWhoseAndWhat) {
  EXPECT_EQ(error("services:\n  - name: a\n    url: http://a:0/\n"),
            "s.yml:3:10: service 'a': url: port '0' is not a number from 1 to 65535");
  EXPECT_EQ(error("services:\n  - {url: 'http://a'}\n"), "s.yml:2:5: services[0]: the service has no name");
  EXPECT_EQ(error("services:\n  - {name: a, url: 'http://a', tag: x}\n"),
            "s.yml:2:32: service 'a': unknown key 'tag' (did you mean 'tags'?)");
  EXPECT_EQ(error("services:\n  - name: a\n"),
            "s.yml:2:5: service 'a': no address: give one of endpoint, url, urls, instances");
  EXPECT_EQ(error("services: [{name: a, url: 'http://a', endpoint: 'http://b'}]"),
            "s.yml:1:22: service 'a': 'endpoint' and 'url' exclude each other");
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', enabled: maybe}]"),
              HasSubstr("enabled: 'maybe' is neither"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', caFile: x, ca-file: y}]"), HasSubstr("given twice"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', headers: {Host: x}}]"), HasSubstr("set by the router"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', headers: {X-A: x, x-a: y}}]"), HasSubstr("given twice"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', headers: [x]}]"), HasSubstr("must be a map, not a list"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', timeouts: {idel: 3s}}]"), HasSubstr("'idle'"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', timeouts: {idle: soon}}]"),
              HasSubstr("'soon' is not a time"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', eras: [modern]}]"), HasSubstr("'modern' is not an era"));
  EXPECT_THAT(error("services: [{name: a, url: 'http://a', tools: {a: b}}]"), HasSubstr("tools: must be a list"));
  EXPECT_THAT(error("services: {name: a}"), HasSubstr("services: must be a list, not a map"));
  EXPECT_THAT(error("services: [x]"), HasSubstr("services[0]: must be a map, not a single value"));
  EXPECT_THAT(error("- a\n"), HasSubstr("not a list"));
  EXPECT_THAT(error("servics: []\n"), HasSubstr("no services found"));
  EXPECT_THAT(error("services: [\n"), HasSubstr("s.yml:2:1"));
  EXPECT_THAT(errors("services: [{name: a, url: x, tag: 1}, {name: b}]"), SizeIs(3)) << "all of them at once";
}

TEST(Services, ErrorsOfInstances) {
  const auto instance = [](std::string_view text) {
    return error("services: [{name: a, instances: [" + std::string(text) + "]}]");
  };
  EXPECT_THAT(instance("{port: 80}"), HasSubstr("neither host nor url"));
  EXPECT_THAT(instance("{host: a, port: 70000}"), HasSubstr("'70000'"));
  EXPECT_THAT(instance("{host: 'a:80'}"), HasSubstr("more than a host"));
  EXPECT_THAT(instance("{host: 'a/b', port: 80}"), HasSubstr("more than a host"));
  EXPECT_THAT(instance("{host: 'a@b', port: 80}"), HasSubstr("more than a host"));
  EXPECT_THAT(instance("{host: a, path: mcp}"), HasSubstr("begin with '/'"));
  EXPECT_THAT(instance("{host: a, weight: -1}"), HasSubstr("weight"));
  EXPECT_THAT(instance("{host: a, weight: 1x}"), HasSubstr("weight"));
  EXPECT_THAT(instance("{host: a, protocol: grpc}"), HasSubstr("'grpc'"));
  EXPECT_THAT(instance("{url: 'http://a', port: 80}"), HasSubstr("exclude each other"));
  EXPECT_THAT(instance("{host: a, prot: 80}"), HasSubstr("'port'"));
  EXPECT_THAT(instance("{host: a}, {host: a, port: 80}"), HasSubstr("'a:80/mcp' is given twice"));
}

TEST(Services, WhatCannotBeRoutedIsShown) {
  Service s = one("services: [{name: a, protocol: grpc, endpoint: 'grpc://h:1'}]");
  EXPECT_THAT(s.unroutable, HasSubstr("'grpc'"));
  EXPECT_THAT(s.instances, IsEmpty());
  s = one("services: [{name: a, protocol: stdio}]");
  EXPECT_EQ(s.unroutable, "stdio servers are not supported yet");
  EXPECT_FALSE(one("services: [{name: a, url: 'http://a', enabled: false}]").enabled);
}

TEST(Services, EmptyFilesAndSeveralDocuments) {
  EXPECT_EQ(error(""), "s.yml: is empty (`services: []` says that there are none)");
  EXPECT_THAT(error("# nothing yet\n"), HasSubstr("is empty"));
  EXPECT_THAT(error("null", "m.json"), HasSubstr("is empty"));
  EXPECT_THAT(read("services: []").errors, IsEmpty());
  EXPECT_THAT(read("services:\n").errors, IsEmpty());
  EXPECT_THAT(read("services: [{name: a, url: 'http://a'}]\n---\nservices: [{name: b, url: 'http://b'}]\n").services,
              SizeIs(2));
}

TEST(Services, PlacesOfServices) {
  const Reading r = read("mcp.router:\n  services:\n    - name: a\n      url: http://a\n");
  ASSERT_THAT(r.services, SizeIs(1));
  EXPECT_EQ(r.services[0].where, "s.yml:3:7");
}

TEST(McpServers, CommonForms) {
  const Reading r = read(R"({
  "mcpServers": {
    "weather": {"url": "https://w.example/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
    "old": {"type": "sse", "url": "http://old:8000/events"},
    "typed": {"type": "streamable-http", "url": "http://t:1/sse", "alwaysAllow": ["x"]},
    "windsurf": {"serverUrl": "http://w:2/sse"},
    "gemini": {"httpUrl": "http://g:3/sse", "disabled": true},
    "defaulted": {"url": "http://${HOST:-fallback}:${env:PORT}/mcp"}
  }
})",
                         "m.json");
  for (const Issue& e : r.errors) ADD_FAILURE() << e.str();
  ASSERT_THAT(r.services, SizeIs(6));
  const auto& s = r.services;
  EXPECT_EQ(s[0].service.name, "weather");
  EXPECT_EQ(s[0].service.instances[0].host, "w.example");
  EXPECT_EQ(s[0].service.options, R"({"headers":{"Authorization":"Bearer s3cret"}})");
  EXPECT_EQ(s[1].service.protocol, "sse");
  EXPECT_EQ(s[1].service.instances[0].path, "/events");
  EXPECT_EQ(s[2].service.protocol, "streamable-http");
  EXPECT_EQ(s[3].service.instances[0].transport, MCPR_TRANSPORT_SSE);
  EXPECT_EQ(s[4].service.protocol, "streamable-http");
  EXPECT_FALSE(s[4].service.enabled);
  EXPECT_EQ(s[5].service.instances[0].host, "fallback");
  EXPECT_EQ(s[5].service.instances[0].port, 9005);
  ASSERT_THAT(r.notes, SizeIs(1));
  EXPECT_EQ(r.notes[0].str(), "m.json:5:67: server 'typed': key 'alwaysAllow' is not used");
}

TEST(McpServers, AsVsCodeWritesThem) {
  const Reading r = read(R"(// my servers
{
  "inputs": [{"id": "key", "type": "promptString"}],
  "servers": {
    "plain": {"type": "http", "url": "http://a:1/mcp"},
    "asks": {"type": "http", "url": "http://b:1/mcp", "headers": {"X-Key": "${input:key}"}},
  }
})",
                         "mcp.json");
  for (const Issue& e : r.errors) ADD_FAILURE() << e.str();
  ASSERT_THAT(r.services, SizeIs(2));
  EXPECT_EQ(r.services[0].service.unroutable, "");
  EXPECT_THAT(r.services[1].service.unroutable, HasSubstr("${input:"));
  EXPECT_THAT(r.services[1].service.instances, IsEmpty());
}

TEST(McpServers, CommandsAreShownAndNotRun) {
  const Reading r =
      read(R"({"mcpServers": {"local": {"command": "npx", "args": ["-y", "x"], "env": {"K": "${UNSET}"}}}})", "m.json");
  ASSERT_THAT(r.errors, IsEmpty());
  ASSERT_THAT(r.services, SizeIs(1));
  EXPECT_EQ(r.services[0].service.unroutable, "stdio servers are not supported yet");
  EXPECT_EQ(r.services[0].service.protocol, "stdio");
  ASSERT_THAT(r.notes, SizeIs(1));
  EXPECT_EQ(r.notes[0].str(), "m.json:1:17: server 'local': stdio servers are not supported yet");
}

TEST(McpServers, Errors) {
  EXPECT_EQ(error("{\"mcpServers\": {\n  \"a\": {\"url\": \"http://u:p@h/\"}}}", "m.json"),
            "m.json:2:16: server 'a': url: a user name or password in a URL is not supported: use `headers` with "
            "Authorization");
  EXPECT_THAT(error(R"({"mcpServers": {"a": {}}})", "m.json"), HasSubstr("no address"));
  EXPECT_THAT(error(R"({"mcpServers": {"a": 1}})", "m.json"), HasSubstr("must be a map"));
  EXPECT_THAT(error(R"({"mcpServers": []})", "m.json"), HasSubstr("mcpServers: must be a map"));
  EXPECT_THAT(error(R"({"mcpServers": {"": {"url": "http://a"}}})", "m.json"), HasSubstr("no name"));
  EXPECT_THAT(error(R"({"mcpServers": {"a": {"url": "http://a"}, "a": {"url": "http://b"}}})", "m.json"),
              HasSubstr("m.json:1:43: key 'a' is given twice"));
  EXPECT_THAT(error(R"({"mcpServers": {"a": {"url": "http://a", "headers": {"X": "${UNSET}"}}}})", "m.json"),
              HasSubstr("UNSET is not set"));
  EXPECT_THAT(error("{", "m.json"), HasSubstr("m.json:1:2: not JSON"));
}

TEST(McpServers, SecretsAreNotInErrors) {
  for (const std::string& e : errors("services:\n- name: a\n  url: 'http://user:hunter2@h'\n  headers: {X-Key: "
                                     "\"hunter2\\r\\n\", Content-Length: hunter2}\n")) {
    EXPECT_THAT(e, Not(HasSubstr("hunter2")));
  }
}

TEST(FileKinds, ByNameElseByBeginning) {
  EXPECT_THAT(read("{services: [{name: a, url: 'http://a'}]}", "x.yml").services, SizeIs(1)) << "YAML in flow style";
  EXPECT_THAT(read("{services: []}", "x.json").errors, SizeIs(1));
  EXPECT_THAT(read(R"( {"services": [{"name": "a", "url": "http://a"}]})", "x.conf").services, SizeIs(1));
  EXPECT_THAT(read("services: []", "x.conf").errors, IsEmpty());
}

TEST(Config, KeysAndPaths) {
  Config c;
  std::string error;
  ASSERT_TRUE(read_config(R"({"base-dir":"/etc/m","files":["a.yml","/b.yml"],"folder":"d","folders":["e"],
                              "mcp-servers":"m.json","services":[{"name":"x"}]})",
                          c, error))
      << error;
  EXPECT_THAT(c.files, ElementsAre("/etc/m/a.yml", "/b.yml"));
  EXPECT_THAT(c.folders, ElementsAre("/etc/m/d", "/etc/m/e"));
  EXPECT_THAT(c.mcp_servers, ElementsAre("/etc/m/m.json"));
  EXPECT_THAT(c.services.items, SizeIs(1));
  ASSERT_TRUE(read_config("", c, error));
  ASSERT_TRUE(read_config("{}", c, error));
  EXPECT_FALSE(read_config(R"({"fiels":[]})", c, error));
  EXPECT_EQ(error, "unknown key 'fiels' (did you mean 'files'?)");
  error.clear();
  EXPECT_FALSE(read_config(R"({"services":{},"files":[""]})", c, error));
  EXPECT_EQ(error, "files: a path is empty; services: must be a list, not a map");
  error.clear();
  EXPECT_FALSE(read_config("[", c, error));
  EXPECT_FALSE(read_config("[]", c, error = {}));
}

}  // namespace
}  // namespace mcpr::file
