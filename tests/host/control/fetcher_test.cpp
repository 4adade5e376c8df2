#include "host/control/fetcher.hpp"

#include <gtest/gtest.h>

#include "host/control/plugin_metrics.hpp"
#include "host/net/http_server.hpp"

namespace mcpr::control {
namespace {

struct Fetching : testing::Test, net::HttpHandler {
  Fetching() : server(loop, *this, {}), fetcher(loop, pool) {
    const int fd = net::open_listeners(*net::Address::numeric("127.0.0.1", 0), 1).front();
    base = "http://127.0.0.1:" + std::to_string(net::local_address(fd).port());
    server.listen(fd);
  }
  void on_request(net::HttpConnection& connection, std::string_view body) override {
    const net::RequestHead& head = connection.request();
    connection.send(201, "X-Seen: " + std::string(head.headers.find("x-ask")) + "\r\n",
                    std::string(head.method) + " " + std::string(head.target) + " " + std::string(body));
  }
  void on_bad_request(net::HttpConnection& connection, unsigned status, std::string_view text) override {
    connection.send(status, {}, text);
  }
  plugin::FetchResult fetch(plugin::FetchRequest request) {
    plugin::FetchResult out;
    bool inside = true;
    const std::uint64_t handle = fetcher.fetch(std::move(request), [&](plugin::FetchResult result) {
      EXPECT_FALSE(inside);  // never from inside fetch()
      out = std::move(result);
      loop.stop();
    });
    EXPECT_NE(handle, 0u);
    inside = false;
    loop.run();
    return out;
  }

  net::BlockingPool pool{1};
  net::Loop loop;
  net::HttpServer server;
  Fetcher fetcher;
  std::string base;
};

TEST_F(Fetching, AnAnswerWithItsHeaders) {
  plugin::FetchRequest request;
  request.method = "POST";
  request.url = base + "/a?b=c";
  request.body = "body";
  request.headers = {{"X-Ask", "me"}};
  const plugin::FetchResult result = fetch(std::move(request));
  EXPECT_EQ(result.failure, plugin::FetchResult::Failure::none);
  EXPECT_EQ(result.code, 201u);
  EXPECT_EQ(result.body, "POST /a?b=c body");
  bool seen = false;
  for (const auto& [name, value] : result.headers) seen = seen || (name == "x-seen" && value == "me");
  EXPECT_TRUE(seen);
}

TEST_F(Fetching, NoPathIsTheRoot) {
  plugin::FetchRequest request;
  request.url = base;
  EXPECT_EQ(fetch(std::move(request)).body, "GET / ");
}

TEST_F(Fetching, WhatCannotBeAsked) {
  for (const std::string& url :
       {std::string("ftp://x/"), std::string("name@GROUP"), std::string(), std::string("http://")}) {
    plugin::FetchRequest request;
    request.url = url;
    EXPECT_EQ(fetch(std::move(request)).failure, plugin::FetchResult::Failure::invalid) << url;
  }
  plugin::FetchRequest injected;
  injected.url = base + "/";
  injected.headers = {{"X-A", "1\r\nX-B: 2"}};
  EXPECT_EQ(fetch(std::move(injected)).failure, plugin::FetchResult::Failure::invalid);
  plugin::FetchRequest nobody;
  nobody.url = "http://127.0.0.1:1/";
  EXPECT_EQ(fetch(std::move(nobody)).failure, plugin::FetchResult::Failure::unreachable);
}

TEST_F(Fetching, ACancelledOneStaysSilent) {
  plugin::FetchRequest request;
  request.url = base + "/";
  bool called = false;
  const std::uint64_t handle = fetcher.fetch(request, [&](const plugin::FetchResult&) { called = true; });
  fetcher.cancel(handle);
  fetcher.cancel(handle);
  EXPECT_EQ(fetch(std::move(request)).code, 201u);
  EXPECT_FALSE(called);
}

TEST(PluginMetrics, AddsCountersAndReplacesGauges) {
  PluginMetrics metrics;
  metrics.take({false, "file", "reads.total", "Reads", 1});
  metrics.take({false, "file", "reads.total", "Reads", 2});
  metrics.take({true, "file", "age", "Age", 5});
  metrics.take({true, "file", "age", "Age", 3});
  const auto gauges = metrics.gauges();
  ASSERT_EQ(gauges.size(), 2u);
  EXPECT_EQ(gauges[0].name, "mcp_router_plugin_age");
  EXPECT_EQ(gauges[0].value, 3);
  EXPECT_EQ(gauges[1].name, "mcp_router_plugin_reads_total");
  EXPECT_EQ(gauges[1].value, 3);
  for (std::size_t i = 0; i < 2 * PluginMetrics::kMost; ++i) metrics.take({true, "x", std::to_string(i), "", 1});
  EXPECT_EQ(metrics.gauges().size(), PluginMetrics::kMost);
}

}  // namespace
}  // namespace mcpr::control
