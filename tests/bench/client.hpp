// One client: a connection and the session it opens. Says what to send next and judges what came. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/response.hpp"
#include "tests/bench/workload.hpp"

namespace mcpr::bench {

class Client {
 public:
  enum class Next : std::uint8_t {
    read,    // the answer has not come whole
    send,    // request() is to be sent
    called,  // an answer to a call was right: count it, then send request() or stop
    opened,  // the session is open (mode idle, after `initialized`) or its stream is (mode streams)
    failed,  // error() says why; the connection is of no more use
  };

  Client(const Workload& workload, std::uint64_t first_id) : workload_(workload), next_id_(first_id) {}

  void start();  // on a new connection: open a new session
  std::string_view request() const { return request_; }
  Next on_bytes(std::string_view bytes);
  bool calling() const { return step_ == Step::calls; }
  std::uint64_t stream_comments() const { return comments_; }
  const std::string& error() const { return error_; }

 private:
  enum class Step : std::uint8_t { initialize, initialized, calls, stream };
  Next advance();
  Next fail(std::string_view why);
  void next_call();
  void count_comments(std::string_view bytes);

  const Workload& workload_;
  std::uint64_t next_id_;
  std::uint64_t id_ = 0;  // of the request that is out
  Step step_ = Step::initialize;
  bool line_start_ = true;
  std::uint64_t comments_ = 0;  // SSE comments on the stream
  ResponseReader response_;
  CallTemplate call_;
  std::string own_;  // requests other than calls
  std::string session_;
  std::string_view request_;
  std::string error_;
};

}  // namespace mcpr::bench
