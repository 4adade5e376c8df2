// A TCP connection, plain or TLS, on one loop. Reads whenever it is not paused; writes at once and queues what the
// kernel does not take. An idle stream holds no buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "host/net/address.hpp"
#include "host/net/loop.hpp"

namespace mcpr::net {

class TlsContext;

// Called on the loop's thread. Any of them may destroy the stream.
class StreamHandler {
 public:
  virtual void on_connected() {}
  // The bytes are the handler's to read and to overwrite until it returns; kReadPadding more behind them are readable.
  virtual void on_data(char* data, std::size_t size) = 0;
  virtual void on_drained() {}                          // all that was queued has been taken by the kernel
  virtual void on_closed(std::string_view reason) = 0;  // empty: the peer closed in order. Nothing follows
 protected:
  ~StreamHandler() = default;
};

class Stream {
 public:
  Stream(Loop& loop, StreamHandler& handler);
  ~Stream();  // closes at once; no callback follows
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void adopt(int fd);  // an accepted socket; takes ownership and starts to read
  void connect(const Address& to);
  // Before connect(): speak TLS, verify the certificate against `host`. on_connected() then means the handshake is
  // done.
  void use_tls(TlsContext& context, const std::string& host);

  // Sends the parts one after the other. False: some of it waits in the queue and on_drained() will follow.
  bool write(std::span<const std::string_view> parts);
  bool write(std::string_view part) { return write({&part, 1}); }
  std::size_t queued() const;

  void pause_reading();  // on_data() is not called until resume_reading(); neither is on_closed()
  void resume_reading();
  void shutdown_write();  // after what is queued
  bool stale() const;     // asks the kernel whether the peer has closed or sent something unread

 private:
  struct State;
  State* state_;
};

}  // namespace mcpr::net
