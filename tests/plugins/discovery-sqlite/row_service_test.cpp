#include "row_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::sqlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

ServiceRow seed(Text endpoint) {
  ServiceRow row;
  row.name = "weather";
  row.description = "Forecasts";
  row.protocol = "http";
  row.version = "1.2";
  row.endpoint = std::move(endpoint);
  row.enabled = "1";
  row.tags = "a, b,, c ";
  return row;
}

InstanceRow at(std::int64_t id, std::string url) {
  InstanceRow row;
  row.id = id;
  row.url = std::move(url);
  row.tls = "0";
  row.transport = "";
  row.weight = "1.0";
  row.enabled = "1";
  row.zone = "";
  return row;
}

ServiceRow own(std::vector<InstanceRow> instances) {
  ServiceRow row = seed({});
  row.protocol = "";
  row.has_instances = true;
  row.instances = std::move(instances);
  return row;
}

TEST(RowService, SeedRow) {
  const Entry entry = to_service(seed("http://10.0.0.1:8080/weather"), "/etc");
  EXPECT_THAT(entry.notes, IsEmpty());
  const reader::Service& service = entry.service;
  EXPECT_EQ(service.name, "weather");
  EXPECT_EQ(service.description, "Forecasts");
  EXPECT_EQ(service.version, "1.2");
  EXPECT_EQ(service.protocol, "http");
  EXPECT_THAT(service.tags, ElementsAre("a", "b", "c"));
  EXPECT_TRUE(service.enabled);
  ASSERT_THAT(service.instances, SizeIs(1));
  EXPECT_EQ(service.instances[0].id, "10.0.0.1:8080/weather");
  EXPECT_EQ(service.instances[0].transport, MCPR_TRANSPORT_STREAMABLE_HTTP + 0u);
}

TEST(RowService, FormsOfAnEndpoint) {
  EXPECT_EQ(to_service(seed("weather@DEFAULT_GROUP/x"), {}).service.lookup, "weather@DEFAULT_GROUP/x");
  EXPECT_EQ(to_service(seed("h:81"), {}).service.instances.at(0).id, "h:81/mcp");
  ServiceRow sse = seed("https://h/sse");
  sse.protocol = "";
  EXPECT_EQ(to_service(sse, {}).service.instances.at(0).transport, MCPR_TRANSPORT_SSE + 0u);
  ServiceRow disabled = seed("h:81");
  disabled.enabled = "0";
  EXPECT_FALSE(to_service(disabled, {}).service.enabled);
}

TEST(RowService, AFaultyRowSaysWhyItCannotBeCalled) {
  const Entry port = to_service(seed("h:0"), {});
  EXPECT_EQ(port.service.name, "weather");
  EXPECT_EQ(port.service.description, "Forecasts");
  EXPECT_EQ(port.service.unroutable, "endpoint: port '0' is not a number from 1 to 65535");
  EXPECT_THAT(port.notes, ElementsAre("service 'weather': endpoint: port '0' is not a number from 1 to 65535"));
  EXPECT_THAT(to_service(seed({}), {}).service.unroutable, HasSubstr("the endpoint is empty"));
  EXPECT_THAT(to_service(seed("http://u:secret@h/"), {}).service.unroutable, HasSubstr("user name or password"));
  ServiceRow grpc = seed("grpc://h:1");
  grpc.protocol = "grpc";
  EXPECT_THAT(to_service(grpc, {}).service.unroutable, HasSubstr("protocol 'grpc'"));
  ServiceRow enabled = seed("h:1");
  enabled.enabled = "maybe";
  EXPECT_THAT(to_service(enabled, {}).service.unroutable, HasSubstr("'maybe' is neither true nor false"));
  ServiceRow invalid = seed("h:1");
  invalid.invalid = "description: is a BLOB, not text";
  EXPECT_EQ(to_service(invalid, {}).service.unroutable, "description: is a BLOB, not text");
}

TEST(RowService, Instances) {
  InstanceRow parts;
  parts.id = 2;
  parts.host = "::1";
  parts.port = "9";
  parts.path = "/p";
  parts.tls = "1";
  parts.transport = "sse";
  parts.weight = "0.25";
  parts.enabled = "0";
  parts.zone = "z";
  parts.metadata = R"({"rack": "7"})";
  const Entry entry = to_service(own({at(1, "http://a:1/mcp"), parts}), {});
  EXPECT_THAT(entry.notes, IsEmpty());
  ASSERT_THAT(entry.service.instances, SizeIs(2));
  EXPECT_EQ(entry.service.instances[0].weight_milli, 1000u);
  const reader::Instance& second = entry.service.instances[1];
  EXPECT_EQ(second.id, "https://[::1]:9/p");
  EXPECT_EQ(second.transport, MCPR_TRANSPORT_SSE + 0u);
  EXPECT_EQ(second.weight_milli, 250u);
  EXPECT_FALSE(second.enabled);
  EXPECT_EQ(second.zone, "z");
  EXPECT_THAT(second.metadata, ElementsAre(Pair("rack", "7")));
}

TEST(RowService, AFaultyInstanceHidesNoOther) {
  InstanceRow json = at(8, "http://c:3");
  json.metadata = "{";
  InstanceRow blob = at(9, "http://d:4");
  blob.invalid = "zone: is a BLOB, not text";
  const Entry entry = to_service(
      own({at(5, "http://a:99999"), at(6, "http://b:2/mcp"), at(7, "http://b:2"), json, blob, at(10, "http://e:5")}),
      {});
  EXPECT_EQ(entry.service.unroutable, "");
  ASSERT_THAT(entry.service.instances, SizeIs(2));
  EXPECT_EQ(entry.service.instances[0].host, "b");
  EXPECT_EQ(entry.service.instances[1].host, "e");
  EXPECT_THAT(entry.notes, ::testing::UnorderedElementsAre(
                               HasSubstr("instance row 5 is left out: instances.url: port '99999'"),
                               HasSubstr("instance row 7 is left out: instances: instance 'b:2/mcp' is given twice"),
                               HasSubstr("instance row 8 is left out: instances: metadata: not JSON"),
                               HasSubstr("instance row 9 is left out: instances: zone: is a BLOB")));
}

TEST(RowService, WithoutAnyInstance) {
  EXPECT_EQ(to_service(own({}), {}).service.unroutable, "it has no rows in `instances`");
  const Entry entry = to_service(own({at(3, "ftp://x")}), {});
  EXPECT_THAT(entry.service.unroutable, HasSubstr("instance row 3 is left out"));
  EXPECT_THAT(entry.notes, SizeIs(1));
  ServiceRow reference = own({});
  reference.endpoint = "weather@GROUP";
  EXPECT_EQ(to_service(reference, {}).service.lookup, "weather@GROUP");
  reference.instances = {at(1, "http://a:1")};
  EXPECT_THAT(to_service(reference, {}).service.unroutable, HasSubstr("exclude each other"));
}

TEST(RowService, Options) {
  ServiceRow row = own({at(1, "http://a:1")});
  row.metadata = R"({"team": "sky"})";
  row.options = R"({"headers": {"X-Key": "${NOT_REPLACED}"}, "timeouts": {"response": "2s", "tools": {"t": 5}},
      "ca-file": "ca.pem", "eras": ["stateless"], "tools": ["forecast"], "loadBalancer": "round-robin"})";
  const Entry entry = to_service(row, "/etc/mcp");
  EXPECT_THAT(entry.notes, IsEmpty());
  EXPECT_EQ(entry.service.options,
            R"({"headers":{"X-Key":"${NOT_REPLACED}"},"timeouts":{"response":2000,"tools":{"t":5}},)"
            R"("ca-file":"/etc/mcp/ca.pem","load-balancer":"round-robin"})");
  EXPECT_EQ(entry.service.instances.at(0).eras, MCPR_ERA_STATELESS + 0u);
  EXPECT_EQ(entry.service.tools.at(0).name, "forecast");
  EXPECT_THAT(entry.service.metadata, ElementsAre(Pair("team", "sky")));
}

TEST(RowService, FaultyOptions) {
  const auto reason = [](std::string options) {
    ServiceRow row = own({at(1, "http://a:1")});
    row.options = std::move(options);
    return to_service(row, {}).service.unroutable;
  };
  EXPECT_EQ(reason(""), "");
  EXPECT_EQ(reason("null"), "");
  EXPECT_THAT(reason("[1]"), HasSubstr("options: must be a JSON object, not a list"));
  EXPECT_THAT(reason("{\n  \"headers\": }"), HasSubstr("(line 2, column 14)"));
  EXPECT_THAT(reason(R"({"haeders": {}})"), HasSubstr("unknown key 'haeders' (did you mean 'headers'?)"));
  EXPECT_THAT(reason(R"({"headers": {"Host": "secret"}})"), HasSubstr("is set by the router itself"));
  EXPECT_THAT(reason(R"({"headers": {"Host": "secret"}})"), Not(HasSubstr("secret")));
  EXPECT_THAT(reason(R"({"name": "other"})"), HasSubstr("has a place of its own"));
  EXPECT_THAT(reason(R"({"instances": []})"), HasSubstr("has a place of its own"));
}

}  // namespace
}  // namespace mcpr::sqlite
