#include "host/app/admin_tables.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace mcpr::app {
namespace {

TEST(AdminTables, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(table({{"A", "B"}, {"long", "x"}, {"é", ""}}), "A     B\nlong  x\né\n");
}

TEST(AdminTables, ShowWhatIsWrong) {
  const std::string sources = sources_table(boost::json::parse(
      R"([{"name":"nacos-eu","plugin":"nacos","state":"degraded","text":"refused\nby 10.0.0.1","services":7}])"));
  EXPECT_NE(sources.find("nacos-eu  nacos   degraded  7         refused by 10.0.0.1\n"), std::string::npos) << sources;
  const std::string plugins = plugins_table(
      boost::json::parse(R"([{"file":"x.so","state":"refused","reason":"is not ELF","warnings":["w"]}])"));
  EXPECT_NE(plugins.find("is not ELF; warning: w"), std::string::npos) << plugins;
  const std::string services = services_table(boost::json::parse(
      R"({"services":[{"name":"weather","source":"file","version":"1","protocol":"sse","instances":2}],)"
      R"("problems":[{"source":"file","service":"sse","reason":"taken"}]})"));
  EXPECT_NE(services.find("weather  file"), std::string::npos) << services;
  EXPECT_NE(services.find("refused: sse of file: taken\n"), std::string::npos) << services;
}

TEST(AdminTables, AServicesPageTellsWhatEachSourceSays) {
  const std::string page = service_page(boost::json::parse(
      R"({"name":"weather","source":"file","version":"1","tools":[{"name":"t","enabled":false}],)"
      R"("instances":[{"id":"i","address":"h:1","path":"/mcp","tls":true,"transport":"sse","eras":["handshake"],)"
      R"("weight":1.0,"healthy":true,"enabled":true}],"statements":[)"
      R"({"source":"file","used":true,"changed":"2026-01-01T00:00:00.000Z","service":{"version":"1","instances":[{}]}},)"
      R"({"source":"sqlite","used":false,"problem":"refused","service":{"version":"2","instances":[]}}]})"));
  EXPECT_NE(page.find("https://h:1"), std::string::npos) << page;
  EXPECT_NE(page.find("hidden tools  t\n"), std::string::npos) << page;
  EXPECT_NE(page.find("sqlite  no    2        0"), std::string::npos) << page;
  EXPECT_EQ(service_page(boost::json::value()), "");
}

}  // namespace
}  // namespace mcpr::app
