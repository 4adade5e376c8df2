#include "host/upstream/request.hpp"

#include <gtest/gtest.h>

#include "host/upstream/directory.hpp"
#include "host/upstream/prober.hpp"
#include "host/upstream/routes.hpp"
#include "host/upstream/sse_link.hpp"

namespace mcpr::upstream {
namespace {

catalog::Service service() {
  catalog::Service out;
  out.name = "demo";
  out.options.headers = {{"X-Api-Key", "k"}};
  catalog::Instance instance;
  instance.id = "i";
  instance.host = "::1";
  instance.port = 8080;
  out.instances = {instance};
  return out;
}

TEST(Request, HeadOfAPost) {
  const catalog::Service of = service();
  const Instance instance(of, of.instances.front());
  RequestFacts facts;
  facts.session_id = "s-1";
  facts.body_size = 12;
  std::string out;
  begin_head(out, instance, facts);
  end_head(out);
  EXPECT_EQ(out,
            "POST /mcp HTTP/1.1\r\nHost: [::1]:8080\r\nX-Api-Key: k\r\nAccept: application/json, text/event-stream\r\n"
            "Content-Type: application/json\r\nContent-Length: 12\r\nMcp-Session-Id: s-1\r\n\r\n");
}

TEST(Request, CredentialsAndWhatTheRouterSetsDoNotTravel) {
  net::Headers fields;
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"Host", "h"},
                                                                  {"Authorization", "Bearer t"},
                                                                  {"Cookie", "c"},
                                                                  {"Proxy-Authorization", "p"},
                                                                  {"Origin", "o"},
                                                                  {"Connection", "keep-alive, X-Hop"},
                                                                  {"X-Hop", "1"},
                                                                  {"Accept-Encoding", "gzip"},
                                                                  {"X-Forwarded-For", "1.2.3.4"},
                                                                  {"Mcp-Session-Id", "ours"},
                                                                  {"Mcp-Method", "tools/call"},
                                                                  {"Mcp-Param-Region", "eu"},
                                                                  {"traceparent", "00-1"},
                                                                  {"x-api-key", "forged"},
                                                                  {"MCP-Protocol-Version", "2025-11-25"}}) {
    fields.add(name, value);
  }
  catalog::ServiceOptions options = service().options;
  std::string out;
  forward_fields(out, fields, options, true);
  EXPECT_EQ(
      out,
      "Mcp-Method: tools/call\r\nMcp-Param-Region: eu\r\ntraceparent: 00-1\r\nMCP-Protocol-Version: 2025-11-25\r\n");
  options.forward_authorization = options.forward_cookie = true;
  out.clear();
  forward_fields(out, fields, options, false);
  EXPECT_EQ(out,
            "Authorization: Bearer t\r\nCookie: c\r\nMcp-Method: tools/call\r\nMcp-Param-Region: eu\r\ntraceparent: "
            "00-1\r\n");
}

TEST(SseEndpoint, StaysOnTheOrigin) {
  const struct {
    std::string_view endpoint, expected;
  } cases[] = {
      {"/messages?sessionId=1", "/messages?sessionId=1"},
      {"messages?x=1", "/a/messages?x=1"},
      {"?x=1", "/a/sse?x=1"},
      {"http://h:80/m?x", "/m?x"},
      {"http://h/m", "/m"},
      {"http://H?x=1", "/?x=1"},
      {"http://evil/m", ""},
      {"http://h:81/m", ""},
      {"https://h/m", ""},
      {"//evil/m", ""},
      {"", ""},
      {"/a b", ""},
  };
  for (const auto& at : cases)
    EXPECT_EQ(resolve_endpoint("/a/sse?q", at.endpoint, "http", "h", 80), at.expected) << at.endpoint;
  EXPECT_EQ(resolve_endpoint("/sse", "http://localhost:9/m", "http", "127.0.0.1", 9), "/m");
}

TEST(Prober, ErasFromAnAnswer) {
  EXPECT_EQ(eras_from_discover(200, R"({"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28"]}})"),
            catalog::era_stateless);
  EXPECT_EQ(
      eras_from_discover(200, R"({"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28","2025-11-25"]}})"),
      catalog::era_stateless | catalog::era_handshake);
  EXPECT_EQ(eras_from_discover(404, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":""}})"),
            catalog::era_handshake);
  EXPECT_EQ(eras_from_discover(400, "no session"), catalog::era_handshake);
  EXPECT_EQ(eras_from_discover(503, ""), 0);  // says nothing: asked again later
  EXPECT_EQ(eras_from_discover(401, ""), 0);
}

TEST(Directory, KeepsInstancesThatDidNotChange) {
  const auto source = std::make_shared<const std::string>("file");
  const auto first = std::make_shared<const catalog::Service>(service());
  catalog::Service changed = *first;
  changed.description = "new";
  catalog::Instance second = changed.instances.front();
  second.id = "j";
  second.port = 8081;
  changed.instances.push_back(second);

  DirectoryBuilder builder;
  const auto none = std::make_shared<const std::vector<catalog::Problem>>();
  const auto catalog = [&](std::uint64_t revision, catalog::ServicePtr demo) {
    const std::string name = demo->name;
    catalog::Entry entry{std::move(demo), source};
    return catalog::Catalog(revision, catalog::Entries().changed({{name, std::move(entry)}}), 1, none);
  };
  const DirectoryPtr before = builder.build(catalog(1, first));
  ASSERT_EQ(before->find("demo"), 0u);
  EXPECT_EQ(before->only(), 0u);
  EXPECT_EQ(before->find("dem"), Directory::kNone);
  const InstancePtr kept = before->at(0).instances.front();
  const DirectoryPtr after = builder.build(catalog(2, std::make_shared<const catalog::Service>(changed)));
  ASSERT_EQ(after->at(0).instances.size(), 2u);
  EXPECT_EQ(after->at(0).instances.front(), kept);
  EXPECT_EQ(Routes::find(after->at(0), "j")->facts().port, 8081);
  EXPECT_EQ(Routes::find(after->at(0), "k"), nullptr);

  changed.options.headers = {{"X-Api-Key", "other"}};
  const DirectoryPtr again = builder.build(catalog(3, std::make_shared<const catalog::Service>(changed)));
  EXPECT_NE(again->at(0).instances.front(), kept);  // its requests look different now
}

TEST(MessageReader, TakesMessagesOutOfJsonBatchesAndStreams) {
  struct Target final : MessageTarget {
    void on_message(std::string_view json, const mcp::Message& message) override {
      seen += std::string(message.id) + ":" + std::string(json.substr(0, 1));
    }
    void on_other_event(const mcp::SseEvent& event) override { seen += "<" + std::string(event.type) + ">"; }
    std::string seen;
  };
  mcp::Peeker peeker;
  const std::string answer = R"({"jsonrpc":"2.0","id":1,"result":{}})";
  for (const auto& [stream, body, expected] : std::vector<std::tuple<bool, std::string, std::string>>{
           {false, answer, "1:{"},
           {false, "[" + answer + "," + answer + "]", "1:{1:{"},
           {true, "event: endpoint\ndata: /m\n\nid: 7\ndata: " + answer + "\n\n", "<endpoint>1:{"}}) {
    Target target;
    MessageReader reader(peeker, target, 10'000);
    reader.start(stream);
    for (const char c : body) ASSERT_TRUE(reader.feed(std::string_view(&c, 1)));
    ASSERT_TRUE(reader.finish());
    EXPECT_EQ(target.seen, expected);
    if (stream) {
      EXPECT_EQ(reader.last_event_id(), "7");
    }
  }
  Target target;
  MessageReader reader(peeker, target, 100);
  reader.start(true);
  EXPECT_FALSE(reader.feed("data: nonsense\n\ndata: " + answer + "\n\n"));
  EXPECT_EQ(target.seen, "");
  reader.start(false);
  EXPECT_FALSE(reader.feed(std::string(101, ' ')));
}

}  // namespace
}  // namespace mcpr::upstream
