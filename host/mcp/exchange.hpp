// One message of a client and all that belongs to it until it is answered or cancelled, whatever the transports on both
// sides. No I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "host/mcp/peek.hpp"

namespace mcpr::mcp {

// What is known of a message besides its bytes.
struct Context {
  std::string principal;  // who sent it; empty: anonymous
  std::string fields;     // the client's header lines that travel to the instance: traces and what nobody here knows
};

struct ExchangeEnd {
  enum class Cause : std::uint8_t {
    answered,
    cancelled,
    failed,
    forgotten
  };  // forgotten: the instance knows the session no more
  Cause cause = Cause::answered;
  bool may_have_run = false;  // failed, and a byte of the message had been written
  std::string reason;  // short, of a fixed set: unreachable, timeout, closed, protocol, status, overload, too-large
  std::string text;
};

// Takes what comes back. The bytes are valid during the call.
class ExchangeSink {
 public:
  virtual void on_message(std::string_view json, const Message& message) = 0;  // the last one is the response
  virtual void on_end(const ExchangeEnd& end) = 0;                             // nothing follows
 protected:
  ~ExchangeSink() = default;
};

// Stands between the upstream side, which it serves as the sink, and a client that may go away and come back. While
// suspended it keeps what comes, up to a bound of bytes; beyond it the oldest messages are dropped and counted, the
// response never.
class Exchange final : public ExchangeSink {
 public:
  Exchange(std::string id, std::string progress_token, ExchangeSink* client, std::size_t max_kept = 1024 * 1024)
      : id_(std::move(id)), progress_token_(std::move(progress_token)), client_(client), max_kept_(max_kept) {}

  const std::string& id() const { return id_; }
  const std::string& progress_token() const { return progress_token_; }
  bool suspended() const { return client_ == nullptr; }
  bool ended() const { return ended_; }
  std::size_t dropped() const { return dropped_; }

  void suspend() { client_ = nullptr; }
  // Gives what was kept to the client, then what comes. Peeks the kept messages again with `peeker`.
  void resume(ExchangeSink& client, Peeker& peeker);

  void on_message(std::string_view json, const Message& message) override;
  void on_end(const ExchangeEnd& end) override;

 private:
  const std::string id_;
  const std::string progress_token_;
  ExchangeSink* client_;
  const std::size_t max_kept_;
  std::deque<std::string> kept_;
  std::size_t kept_bytes_ = 0;
  std::size_t dropped_ = 0;
  ExchangeEnd end_;
  bool ended_ = false;
};

}  // namespace mcpr::mcp
