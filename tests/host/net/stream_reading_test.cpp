// A stream is told once of what has come, so it must find everything by itself: the end behind the last bytes, more
// than one read takes, what came while it was paused.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "host/net/listener.hpp"
#include "host/net/stream.hpp"
#include "host/net/timer.hpp"

namespace mcpr::net {
namespace {

constexpr std::size_t kMuch = 3'000'000;

class Reader final : public StreamHandler {
 public:
  Reader(Loop& loop, int fd) : stream_(loop, *this), resume_(loop, [this] { stream_.resume_reading(); }) {
    stream_.adopt(fd);
  }
  void on_data(char* data, std::size_t size) override {
    got.append(data, size);
    if (!pausing) return;
    stream_.pause_reading();
    paused_reads += 1;
    resume_.arm(Millis(0));
  }
  void on_closed(std::string_view reason) override { closed.set_value(std::string(reason)); }

  std::string got;
  int paused_reads = 0;
  bool pausing = false;
  std::promise<std::string> closed;

 private:
  Stream stream_;
  Timer resume_;
};

class StreamReading : public ::testing::Test {
 protected:
  StreamReading() {
    listener_ = std::make_unique<Listener>(loop_, fd_, [this](int client, const Address&) {
      reader_ = std::make_unique<Reader>(loop_, client);
      accepted_.set_value();
    });
    runner_ = std::thread([this] { loop_.run(); });
    client_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(client_, server_.raw(), server_.size()), 0);
  }
  ~StreamReading() override {
    if (client_ >= 0) ::close(client_);
    loop_.stop();
    runner_.join();
  }

  void send_all(const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t sent = ::send(client_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      at += static_cast<std::size_t>(sent);
    }
  }
  void end() {
    ::close(client_);
    client_ = -1;
  }
  std::string closing_reason() {
    accepted_future_.wait();
    std::future<std::string> closed = reader_->closed.get_future();
    if (closed.wait_for(std::chrono::seconds(20)) != std::future_status::ready) return "never closed";
    return closed.get();
  }

  Loop loop_;
  int fd_ = open_listeners(*Address::numeric("127.0.0.1", 0), 1).front();
  Address server_ = local_address(fd_);
  std::unique_ptr<Reader> reader_;
  std::promise<void> accepted_;
  std::shared_future<void> accepted_future_ = accepted_.get_future().share();
  std::unique_ptr<Listener> listener_;
  std::thread runner_;
  int client_ = -1;
};

TEST_F(StreamReading, FindsTheEndThatCameTogetherWithTheLastBytes) {
  // The loop is held up until both are there, so that one edge tells of them.
  std::promise<void> go;
  loop_.post([&] { go.get_future().wait(); });
  send_all("last words");
  end();
  go.set_value();
  EXPECT_EQ(closing_reason(), "");
  EXPECT_EQ(reader_->got, "last words");
}

TEST_F(StreamReading, ReadsMoreThanOneReadTakes) {
  std::string much(kMuch, 'x');
  for (std::size_t i = 0; i < much.size(); i += 1'000) much[i] = static_cast<char>('a' + i / 1'000 % 26);
  send_all(much);
  end();
  EXPECT_EQ(closing_reason(), "");
  EXPECT_EQ(reader_->got, much);
}

TEST_F(StreamReading, LosesNothingThatCameWhilePaused) {
  accepted_future_.wait();
  loop_.post([this] { reader_->pausing = true; });  // before anything is read: the bytes are sent after it
  const std::string much(kMuch, 'y');
  send_all(much);
  end();
  EXPECT_EQ(closing_reason(), "");
  EXPECT_EQ(reader_->got.size(), much.size());
  EXPECT_GT(reader_->paused_reads, 1);
}

TEST_F(StreamReading, ReportsAReset) {
  send_all("x");
  const linger now{1, 0};
  ::setsockopt(client_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  end();
  EXPECT_NE(closing_reason(), "never closed");
}

}  // namespace
}  // namespace mcpr::net
