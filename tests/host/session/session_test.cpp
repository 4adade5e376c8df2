#include "host/session/session.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "host/session/home.hpp"
#include "host/session/id.hpp"
#include "host/session/table.hpp"

namespace mcpr::session {
namespace {

SessionPtr make(const std::string& id) {
  return std::make_shared<Session>(id, "demo", ClientTransport::streamable, 0, false, "");
}

TEST(SessionId, IsVisibleAsciiAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = new_id();
    ASSERT_EQ(id.size(), 36u);
    for (const char c : id) ASSERT_TRUE(c > 0x20 && c < 0x7f);
    EXPECT_EQ(id[14], '4');
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Session, ReplacesAnUpstreamSessionOnlyAtTheExpectedEpoch) {
  Session session("s", "demo", ClientTransport::streamable, 0, false, "");
  const auto upstream = [](std::string id, std::uint64_t epoch) {
    return std::make_shared<const UpstreamSession>(UpstreamSession{"demo", "i", std::move(id), "", epoch});
  };
  EXPECT_EQ(session.upstream("demo"), nullptr);
  EXPECT_EQ(session.replace(upstream("never", 5), 4), nullptr);
  EXPECT_EQ(session.replace(upstream("a", 1), 0)->id, "a");
  EXPECT_EQ(session.replace(upstream("b", 2), 1)->id, "b");
  // The one who comes late adopts what is there.
  EXPECT_EQ(session.replace(upstream("c", 2), 1)->id, "b");
  EXPECT_EQ(session.upstream("demo")->id, "b");
  EXPECT_EQ(session.upstream("other"), nullptr);
}

TEST(Session, EndsOnceAndHasOneStandaloneStream) {
  Session session("s", "demo", ClientTransport::streamable, 0, false, "");
  EXPECT_TRUE(session.open_stream());
  EXPECT_FALSE(session.open_stream());
  session.close_stream();
  EXPECT_TRUE(session.open_stream());
  EXPECT_TRUE(session.add_stream(2));
  EXPECT_TRUE(session.add_stream(2));
  EXPECT_FALSE(session.add_stream(2));
  EXPECT_EQ(session.streams(), 2u);
  EXPECT_TRUE(session.end());
  EXPECT_FALSE(session.end());
}

TEST(Table, FindsRemovesAndIsBounded) {
  Table table(2);
  EXPECT_TRUE(table.add(make("a")));
  EXPECT_TRUE(table.add(make("b")));
  EXPECT_FALSE(table.add(make("c")));
  EXPECT_EQ(table.find("c"), nullptr);
  EXPECT_EQ(table.find("a")->id(), "a");
  table.remove("a");
  table.remove("a");
  EXPECT_EQ(table.size(), 1u);
  EXPECT_TRUE(table.add(make("c")));
}

TEST(Table, ListsWhatWasSilent) {
  Table table(10);
  for (const char* id : {"old", "new"}) table.add(make(id));
  table.find("old")->touch(5);
  table.find("new")->touch(50);
  const auto idle = table.idle_since(20);
  ASSERT_EQ(idle.size(), 1u);
  EXPECT_EQ(idle.front()->id(), "old");
  EXPECT_EQ(table.all().size(), 2u);
}

TEST(Table, ManyThreads) {
  Table table(100'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&table, t] {
      for (int i = 0; i < 2'000; ++i) {
        const std::string id = std::to_string(t) + "-" + std::to_string(i);
        table.add(make(id));
        EXPECT_NE(table.find(id), nullptr);
        if (i % 2) table.remove(id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table.size(), 4'000u);
}

TEST(Home, ItsMailboxTellsWhatHasEnded) {
  struct Mock final : Live {
    explicit Mock(std::string& t) : told(t) {}
    void close(std::string_view reason) override { told = reason; }
    std::string& told;
  };
  net::Loop loop;
  Home home(loop);
  std::string told;
  home.add("s", std::make_unique<Mock>(told));
  bool there = false, gone = false;
  home.post("s", [&](Live* live) { there = live != nullptr; });
  loop.post([&] {
    home.remove("s", "done");
    home.post("s", [&](Live* live) { gone = live == nullptr; });  // on the home's own thread: at once
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(there);
  EXPECT_TRUE(gone);
  EXPECT_EQ(told, "done");
}

}  // namespace
}  // namespace mcpr::session
