// TLS for the client side of a stream, on memory buffers: OpenSSL never sees the socket.
#pragma once

#include <memory>
#include <string>
#include <string_view>

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace mcpr::net {

// What connections to one kind of server share. Used by one loop; made once and kept.
class TlsContext {
 public:
  explicit TlsContext(
      const std::string& ca_file);  // empty: the system's store. Throws std::runtime_error that names the file
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  SSL_CTX* raw() const { return context_; }

 private:
  SSL_CTX* context_;
};

// One connection, without I/O: encrypted bytes go in and out through strings.
class TlsSession {
 public:
  enum class Status { ok, closed, failed };

  TlsSession(TlsContext& context, const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  void start() { advance(); }  // writes the client's hello to output()
  void feed(std::string_view encrypted);
  Status read(char* into, std::size_t capacity, std::size_t& got);  // got 0 with ok: nothing more for now
  bool write(std::string_view plain);
  void close_notify();
  bool established() const { return established_; }
  std::string take_output();  // bytes for the peer
  const std::string& error() const { return error_; }

 private:
  bool advance();
  void fail(const char* what);

  SSL* ssl_;
  bool established_ = false;
  std::string error_;
};

}  // namespace mcpr::net
