#include "host/mcp/exchange.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/host/mcp/padded.hpp"

namespace mcpr::mcp {
namespace {

const std::string kProgress = R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1}})";
const std::string kLog = R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":"\u0061"}})";
const std::string kResponse = R"({"jsonrpc":"2.0","id":7,"result":{"content":[]}})";

struct Client : ExchangeSink {
  void on_message(std::string_view json, const Message& message) override {
    EXPECT_EQ(message.raw, json) << "the message belongs to the bytes";
    messages.emplace_back(json);
    kinds.push_back(message.kind);
    if (leaves && messages.size() == leaves_after) leaves->suspend();
  }
  void on_end(const ExchangeEnd& end) override { ends.push_back(end); }

  std::vector<std::string> messages;
  std::vector<Kind> kinds;
  std::vector<ExchangeEnd> ends;
  Exchange* leaves = nullptr;  // the exchange that this client leaves at its nth message
  std::size_t leaves_after = 0;
};

class ExchangeTest : public testing::Test {
 protected:
  static void arrives(Exchange& exchange, const std::string& json) {
    const Padded padded(json);
    Peeker upstream;
    ASSERT_EQ(upstream.read(padded.text()).error, PeekError::none) << json;
    exchange.on_message(padded.text(), upstream.messages().front());
  }
  Client client;
  Peeker peeker;
};

TEST_F(ExchangeTest, PassesWhatComesToAClientThatIsThere) {
  Exchange exchange("7", "\"t\"", &client);
  EXPECT_EQ(exchange.id(), "7");
  EXPECT_EQ(exchange.progress_token(), "\"t\"");
  EXPECT_FALSE(exchange.suspended());
  arrives(exchange, kProgress);
  arrives(exchange, kResponse);
  EXPECT_FALSE(exchange.ended());
  exchange.on_end({});
  EXPECT_TRUE(exchange.ended());
  EXPECT_EQ(client.messages, (std::vector{kProgress, kResponse}));
  EXPECT_EQ(client.kinds, (std::vector{Kind::notification, Kind::response}));
  ASSERT_EQ(client.ends.size(), 1u);
}

TEST_F(ExchangeTest, KeepsWhatComesWhileTheClientIsAway) {
  Exchange exchange("7", "", &client);
  arrives(exchange, kProgress);
  exchange.suspend();
  EXPECT_TRUE(exchange.suspended());
  arrives(exchange, kLog);
  arrives(exchange, kResponse);
  exchange.on_end({ExchangeEnd::Cause::failed, true, "closed", "the instance went away"});
  EXPECT_EQ(client.messages, std::vector{kProgress});
  EXPECT_TRUE(client.ends.empty());

  Client again;
  exchange.resume(again, peeker);
  EXPECT_EQ(again.messages, (std::vector{kLog, kResponse}));
  EXPECT_EQ(again.kinds, (std::vector{Kind::notification, Kind::response}));
  ASSERT_EQ(again.ends.size(), 1u);
  EXPECT_EQ(again.ends[0].cause, ExchangeEnd::Cause::failed);
  EXPECT_TRUE(again.ends[0].may_have_run);
  EXPECT_EQ(again.ends[0].reason, "closed");
  EXPECT_EQ(again.ends[0].text, "the instance went away");
  EXPECT_TRUE(client.ends.empty()) << "who left hears nothing more";
  EXPECT_EQ(exchange.dropped(), 0u);
}

TEST_F(ExchangeTest, DropsTheOldestBeyondTheBoundButNotTheResponse) {
  Exchange two("7", "", nullptr, 2 * kProgress.size());
  for (int i = 0; i < 5; ++i) arrives(two, kProgress);
  EXPECT_EQ(two.dropped(), 3u);
  two.resume(client, peeker);
  EXPECT_EQ(client.messages.size(), 2u);

  Exchange none("7", "", nullptr, 0);
  arrives(none, kProgress);
  arrives(none, kResponse);
  EXPECT_EQ(none.dropped(), 1u);
  Client again;
  none.resume(again, peeker);
  EXPECT_EQ(again.messages, std::vector{kResponse});
}

TEST_F(ExchangeTest, CountsWhatIsKeptAnewAfterAReturn) {
  Exchange exchange("7", "", nullptr, 2 * kProgress.size());
  for (int i = 0; i < 2; ++i) arrives(exchange, kProgress);
  exchange.resume(client, peeker);
  exchange.suspend();
  for (int i = 0; i < 2; ++i) arrives(exchange, kProgress);
  EXPECT_EQ(exchange.dropped(), 0u);
}

TEST_F(ExchangeTest, KeepsTheRestForAClientThatLeavesWhileItReturns) {
  Exchange exchange("7", "", nullptr);
  arrives(exchange, kProgress);
  arrives(exchange, kLog);
  arrives(exchange, kResponse);
  exchange.on_end({});
  client.leaves = &exchange;
  client.leaves_after = 1;
  exchange.resume(client, peeker);
  EXPECT_EQ(client.messages, std::vector{kProgress});
  EXPECT_TRUE(client.ends.empty());

  Client again;
  exchange.resume(again, peeker);
  EXPECT_EQ(again.messages, (std::vector{kLog, kResponse}));
  EXPECT_EQ(again.ends.size(), 1u);
}

}  // namespace
}  // namespace mcpr::mcp
