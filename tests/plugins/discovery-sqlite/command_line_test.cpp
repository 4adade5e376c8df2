#include "command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "import.hpp"
#include "listing.hpp"

namespace mcpr::sqlite {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

using Words = std::vector<std::string_view>;

Request parse(const Words& words) { return parse_words(words); }
std::string bad(const Words& words) {
  try {
    const Request request = parse(words);
    if (request.verb == Request::Verb::add) service_to_add(request, {});
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

TEST(ServicesWords, Add) {
  const Request request = parse({"add", "weather", "http://a:1/mcp", "--description", "It rains",
                                 "--protocol=mcp-streamable", "--version", "2", "--tag", "x", "--tag=y", "--header",
                                 "X-Key:  k: v ", "--weight", "2.5", "--zone", "eu", "--replace", "http://b:2"});
  EXPECT_EQ(request.verb, Request::Verb::add);
  EXPECT_THAT(request.words, ElementsAre("weather", "http://a:1/mcp", "http://b:2"));
  EXPECT_THAT(request.headers, ElementsAre(Pair("X-Key", "k: v")));
  EXPECT_TRUE(request.replace);
  const ServiceRow row = service_to_add(request, "/etc");
  EXPECT_EQ(row.name, "weather");
  EXPECT_EQ(row.description, "It rains");
  EXPECT_EQ(row.protocol, "mcp-streamable");
  EXPECT_EQ(row.version, "2");
  EXPECT_EQ(row.tags, "x,y");
  EXPECT_EQ(row.options, R"({"headers":{"X-Key":"k: v"}})");
  ASSERT_THAT(row.instances, SizeIs(2));
  EXPECT_EQ(row.instances[1].url, "http://b:2");
  EXPECT_EQ(row.instances[1].weight, "2.5");
  EXPECT_EQ(row.instances[1].zone, "eu");
  EXPECT_EQ(service_to_add(parse({"add", "a", "weather@GROUP"}), {}).endpoint, "weather@GROUP");
}

TEST(ServicesWords, TheOthers) {
  EXPECT_THAT(parse({"remove", "a", "b"}).words, ElementsAre("a", "b"));
  EXPECT_TRUE(parse({"list", "--json"}).json);
  EXPECT_EQ(parse({"disable", "--", "--odd"}).words, std::vector<std::string>{"--odd"});
  EXPECT_EQ(parse({"add-instance", "a", "http://h", "--weight=0"}).weight, "0");
}

TEST(ServicesWords, WhatIsWrong) {
  EXPECT_THAT(bad({}), HasSubstr("expected add"));
  EXPECT_EQ(bad({"ad"}), "unknown word 'ad'; did you mean 'add'?");
  EXPECT_EQ(bad({"add", "a"}), "expected: services add NAME URL...");
  EXPECT_EQ(bad({"list", "a"}), "expected: services list [--json]");
  EXPECT_EQ(bad({"add", "a", "http://h", "--wieght", "2"}), "add: unknown option '--wieght'; did you mean '--weight'?");
  EXPECT_THAT(bad({"list", "--weight", "2"}), HasSubstr("list: unknown option '--weight'"));
  EXPECT_EQ(bad({"add", "a", "http://h", "--tag"}), "--tag needs a value");
  EXPECT_EQ(bad({"list", "--json=1"}), "--json takes no value");
  EXPECT_THAT(bad({"add", "a", "http://h", "--header", "secret"}), Not(HasSubstr("secret")));
  EXPECT_THAT(bad({"add", "a", "http://h", "--header", "Host: secret"}),
              AllOf(HasSubstr("'Host' is set by the router itself"), Not(HasSubstr("secret"))));
  EXPECT_EQ(bad({"add", "a", "http://h:0"}), "service 'a': instances.url: port '0' is not a number from 1 to 65535");
  EXPECT_THAT(bad({"add", "a", "http://h", "http://h/mcp"}), HasSubstr("is given twice"));
  EXPECT_THAT(bad({"add", "a", "http://h", "--weight", "-1"}), HasSubstr("'-1' is not a number"));
  EXPECT_THAT(bad({"add", "a", "http://h", "--protocol", "grpc"}), HasSubstr("protocol 'grpc'"));
  EXPECT_THAT(bad({"add", "", "http://h"}), HasSubstr("a name has 1 to 200 bytes"));
  EXPECT_THAT(bad({"add", "a\nb", "http://h"}), HasSubstr("a name has 1 to 200 bytes"));
}

TEST(ServicesImport, RowsAsMysqlPrintsThem) {
  const std::vector<ServiceRow> rows =
      read_exported("weather\tIt\\nrains\\\\\thttp\t1.0\thttp://h:1/w\t1\ta,b\nref\tNULL\tNULL\tNULL\tx@G\t0\tNULL\n");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].description, "It\nrains\\");
  EXPECT_EQ(rows[0].tags, "a,b");
  const ServiceRow weather = with_instances(rows[0]);
  EXPECT_EQ(weather.endpoint, std::nullopt);
  EXPECT_EQ(weather.instances.at(0).url, "http://h:1/w");
  EXPECT_EQ(to_service(weather, {}).service.instances.at(0).id, "h:1/w");
  EXPECT_EQ(rows[1].description, std::nullopt);
  EXPECT_EQ(rows[1].enabled, "0");
  EXPECT_EQ(with_instances(rows[1]).endpoint, "x@G");
  EXPECT_THAT(read_exported(""), IsEmpty());
}

TEST(ServicesImport, WhatIsWrong) {
  const auto bad_text = [](std::string_view text) {
    try {
      read_exported(text);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(bad_text("a\tb\n"), HasSubstr("line 1: expected 7 columns divided by tabs"));
  EXPECT_EQ(bad_text("a\t\t\t\th:1\t1\t\n\t\t\t\t\t\t"), "line 2: the name is empty");
}

TEST(ServicesList, ForPeopleAndPrograms) {
  Request request = parse({"add", "weather", "https://a/mcp", "http://[::1]:2/sse", "--tag", "x", "--weight", "0.25",
                           "--header", "Authorization: secret"});
  ServiceRow weather = service_to_add(request, {});
  ServiceRow off = with_instances(read_exported("off\t\t\t\tx@G\t0\t\n").front());
  ServiceRow faulty = read_exported("bad\t\t\t\th:0\t1\t\n").front();
  const std::vector<Listed> listed{
      {to_service(weather, {}), "services"}, {to_service(off, {}), "services"}, {to_service(faulty, {}), "infos"}};
  EXPECT_EQ(list_text(listed),
            "weather  enabled   https://a:443/mcp weight 0.25\n"
            "                   http://[::1]:2/sse (SSE) weight 0.25\n"
            "off      disabled  x@G\n"
            "bad      faulty    ! endpoint: port '0' is not a number from 1 to 65535\n");
  const std::string json = list_json(listed);
  EXPECT_THAT(json, AllOf(HasSubstr(R"("name":"weather","table":"services","enabled":true)"),
                          HasSubstr(R"("url":"https://a:443/mcp")"), HasSubstr(R"("transport":"sse")"),
                          HasSubstr(R"("endpoint":"x@G")"), HasSubstr(R"("table":"infos")"),
                          HasSubstr(R"("unroutable":"endpoint: port '0')")));
  EXPECT_THAT(json, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace mcpr::sqlite
