// What the host refuses to a plugin that asks for what cannot be.
#include "host/plugin/host_table.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include "host/plugin/abi.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin::test {
namespace {

class HostTableTest : public testing::Test {
 protected:
  ~HostTableTest() override {
    host_.run([&] { table_->close([] {}); });
  }
  Host host_;
  std::shared_ptr<HostTable> table_ = HostTable::make(host_.services, "one");
  const mcpr_host& c_ = *table_->c();
};

TEST_F(HostTableTest, WatchesOfDescriptorsThatCannotBeWatchedHaveNoHandle) {
  const OpenFile good(::eventfd(0, EFD_CLOEXEC));
  const int closed = ::dup(good.fd());
  ::close(closed);
  const auto nothing = [](void*, int, std::uint32_t) {};
  host_.run([&] {
    EXPECT_EQ(c_.fd_watch(c_.ctx, closed, MCPR_FD_READ, nothing, nullptr), 0u);
    EXPECT_EQ(c_.fd_watch(c_.ctx, -1, MCPR_FD_READ, nothing, nullptr), 0u);
    EXPECT_NE(c_.fd_watch(c_.ctx, good.fd(), MCPR_FD_READ, nothing, nullptr), 0u);
    EXPECT_EQ(c_.fd_watch(c_.ctx, good.fd(), MCPR_FD_READ, nothing, nullptr), 0u) << "twice the same";
  });
  EXPECT_TRUE(host_.log.has("one: fd_watch: "));
}

TEST_F(HostTableTest, ErrorsEndWithAWholeCharacter) {
  EXPECT_EQ(cut_text("a\xC3\xA4", 2), "a");
  EXPECT_EQ(cut_text("a\xC3\xA4", 3), "a\xC3\xA4");
  EXPECT_EQ(cut_text("\xE2\x82\xAC", 2), "");
  EXPECT_EQ(cut_text("abc", 0), "");
  const mcpr_http_request request{};
  char text[16];
  mcpr_err err{text, sizeof text, 0};
  host_.run([&] { EXPECT_EQ(c_.http(c_.ctx, &request, [](void*, const mcpr_http_response*) {}, nullptr, &err), 0u); });
  EXPECT_EQ(std::string(text, err.size), "http: this host ");
}

class NoFetcher : public HttpFetcher {
 public:
  std::uint64_t fetch(FetchRequest, UniqueFunction<void(FetchResult)>) override {
    ADD_FAILURE() << "must not be reached";
    return 1;
  }
  void cancel(std::uint64_t) override {}
};

TEST(HostTableSizes, ARequestThatIsTooShortIsRefused) {
  NoFetcher fetcher;
  Host host(&fetcher);
  const auto table = HostTable::make(host.services, "one");
  mcpr_http_request request{};
  request.struct_size = 16;
  char text[64];
  mcpr_err err{text, sizeof text, 0};
  host.run([&] {
    const mcpr_host& c = *table->c();
    EXPECT_EQ(c.http(c.ctx, &request, [](void*, const mcpr_http_response*) {}, nullptr, &err), 0u);
    table->close([] {});
  });
  EXPECT_EQ(std::string(text, err.size), "http: the request's struct_size makes no sense");
}

}  // namespace
}  // namespace mcpr::plugin::test
