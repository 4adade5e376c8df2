// Streams of one loop share the buffer they read to: what came on one must never be handed over as another's.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/net/listener.hpp"
#include "host/net/stream.hpp"

namespace mcpr::net {
namespace {

constexpr int kClients = 4;
constexpr int kRounds = 5'000;
constexpr std::size_t kBytes = 300;

class Echo final : public StreamHandler {
 public:
  Echo(Loop& loop, int fd) : stream_(loop, *this) { stream_.adopt(fd); }
  void on_data(char* data, std::size_t size) override { stream_.write(std::string_view(data, size)); }
  void on_closed(std::string_view) override {}

 private:
  Stream stream_;
};

std::string message(int client, int round) {
  std::string out = std::to_string(client) + ":" + std::to_string(round) + ":";
  return out.append(kBytes - out.size(), static_cast<char>('a' + client));
}

// The client answers so fast that the next request is often there before the server's stream is armed again.
void converse(const Address& server, int client, std::atomic<int>& right) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, server.raw(), server.size()) == 0) {
    std::string got(kBytes, '\0');
    for (int round = 0; round < kRounds; ++round) {
      const std::string sent = message(client, round);
      if (::send(fd, sent.data(), sent.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(sent.size())) break;
      if (::recv(fd, got.data(), got.size(), MSG_WAITALL) != static_cast<ssize_t>(kBytes) || got != sent) break;
      ++right;
    }
  }
  ::close(fd);
}

TEST(Streams, NeverGetEachOthersBytes) {
  Loop loop;
  const int fd = open_listeners(*Address::numeric("127.0.0.1", 0), 1).front();
  const Address server = local_address(fd);
  std::vector<std::unique_ptr<Echo>> echoes;
  Listener listener(loop, fd,
                    [&](int client, const Address&) { echoes.push_back(std::make_unique<Echo>(loop, client)); });
  std::thread runner([&] { loop.run(); });
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back([&, i] { converse(server, i, right); });
  for (std::thread& client : clients) client.join();
  loop.stop();
  runner.join();
  EXPECT_EQ(right.load(), kClients * kRounds);
}

}  // namespace
}  // namespace mcpr::net
