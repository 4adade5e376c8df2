// What carries messages to and from one server. Knows nothing of their meaning.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "config/address.hpp"
#include "rpc/message.hpp"

namespace mcpr::nacos {

// Control thread; callbacks never come inside the call that asked for them. A link is one HTTP/2 connection.
class Wire {
 public:
  struct Answer {
    enum class Result : std::uint8_t {
      came,    // a message
      late,    // none in time
      gone,    // the link cannot be used
      failed,  // nothing that can be used, but the link is well
    };
    Result result = Result::failed;
    std::string error;  // where none came
    Message message;
    bool came() const { return result == Result::came; }
  };
  struct Events {
    std::function<void(Message)> received;                // on the stream
    std::function<void(const std::string& why)> garbled;  // what came on the stream cannot be read; it goes on
    std::function<void(const std::string& why)> closed;   // the stream has ended, or could not be opened; once
  };
  virtual ~Wire() = default;

  // A link in place of the one before, of which nothing calls back any more. Connects when it is used first. Returns
  // why it cannot be had; empty: it is open.
  [[nodiscard]] virtual std::string open(const Address& server, Events events) = 0;
  virtual void call(const Message& request, std::chrono::milliseconds timeout,
                    std::function<void(Answer)> on_answer) = 0;
  virtual void open_stream() = 0;                     // once a link
  virtual void write(const Message& message) = 0;     // on the stream, in order
  virtual void close() = 0;                           // nothing of the link calls back any more
  virtual void stop(std::function<void()> done) = 0;  // closes for good; calls nothing but done after it
};

}  // namespace mcpr::nacos
