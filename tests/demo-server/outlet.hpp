// Where the messages of one POST go: its own HTTP answer, or the stream of a legacy SSE session. One loop, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/net/http_server.hpp"

namespace mcpr::demo {

class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void notify(std::string_view json) = 0;  // a message that answers nothing
  virtual void answer(std::string_view json) = 0;  // the answer to one of the requests
  virtual void skip() = 0;                         // one of the requests is not answered: it was cancelled
  virtual bool gone() const = 0;                   // nobody reads any more
  virtual void drop() {}                           // ends the connection without an answer, as a crash would
  virtual void refuse(unsigned status, std::string_view json) { (void)status, answer(json); }
};

// The answer to a POST of streamable HTTP. JSON where one request is answered before anything else was said, else a
// stream. Whoever may still answer holds it; it lives until the last of them lets go.
class PostOutlet final : public Outlet, public net::HttpOwner {
 public:
  // `requests` are answered or skipped one by one; `batch`: they came as an array.
  PostOutlet(net::HttpConnection& connection, std::size_t requests, bool batch, std::string fields);
  ~PostOutlet() override;
  PostOutlet(const PostOutlet&) = delete;
  PostOutlet& operator=(const PostOutlet&) = delete;

  void notify(std::string_view json) override;
  void answer(std::string_view json) override;
  void skip() override;
  bool gone() const override { return connection_ == nullptr; }
  void drop() override;
  void refuse(unsigned status, std::string_view json) override;
  void when_gone(Task task) { on_gone_ = std::move(task); }  // the client left before the last answer

 private:
  void on_client_gone() override;
  void begin_stream();
  void event(std::string_view json);

  net::HttpConnection* connection_;
  std::size_t open_;
  bool batch_;
  bool streaming_ = false;
  std::string fields_;  // header lines of the answer: the session's id after initialize
  Task on_gone_;
};

// A stream that stays open: GET /sse, or GET /mcp. Told by its owner when it has ended.
class ListenStream final : public net::HttpOwner {
 public:
  ListenStream(net::HttpConnection& connection, Task on_gone)
      : connection_(&connection), on_gone_(std::move(on_gone)) {}
  ~ListenStream();
  ListenStream(const ListenStream&) = delete;
  ListenStream& operator=(const ListenStream&) = delete;

  void open(std::string_view fields, unsigned heartbeat_s);
  void event(std::string_view type, std::string_view data);

 private:
  void on_client_gone() override;
  net::HttpConnection* connection_;
  Task on_gone_;
};

// Answers that travel on a legacy SSE session's stream.
class StreamOutlet final : public Outlet {
 public:
  explicit StreamOutlet(std::weak_ptr<ListenStream> stream) : stream_(std::move(stream)) {}
  void notify(std::string_view json) override;
  void answer(std::string_view json) override { notify(json); }
  void skip() override {}
  bool gone() const override { return stream_.expired(); }

 private:
  std::weak_ptr<ListenStream> stream_;
};

}  // namespace mcpr::demo
