#include "host/net/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace mcpr::net {

namespace {

std::string openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code);
}

bool numeric(const std::string& host) {
  unsigned char buffer[16];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 || inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

}  // namespace

TlsContext::TlsContext(const std::string& ca_file) : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw std::runtime_error("TLS: " + openssl_error());
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context_,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context_)
                                     : SSL_CTX_load_verify_locations(context_, ca_file.c_str(), nullptr);
  if (loaded != 1) {
    const std::string error = openssl_error();
    SSL_CTX_free(context_);
    throw std::runtime_error("cannot read the CA certificates of " + (ca_file.empty() ? "the system" : ca_file) + ": " +
                             error);
  }
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsSession::TlsSession(TlsContext& context, const std::string& host) : ssl_(SSL_new(context.raw())) {
  if (!ssl_) throw std::bad_alloc();
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl_, in, out);
  SSL_set_connect_state(ssl_);
  if (numeric(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, host.c_str());
    SSL_set1_host(ssl_, host.c_str());
  }
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

void TlsSession::fail(const char* what) {
  const long verify = SSL_get_verify_result(ssl_);
  error_ = std::string(what) + ": " +
           (verify != X509_V_OK ? std::string("certificate not accepted: ") + X509_verify_cert_error_string(verify)
                                : openssl_error());
}

bool TlsSession::advance() {
  if (established_) return true;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    established_ = true;
    return true;
  }
  const int error = SSL_get_error(ssl_, result);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail("TLS handshake");
  return error_.empty();
}

void TlsSession::feed(std::string_view encrypted) {
  BIO_write(SSL_get_rbio(ssl_), encrypted.data(), static_cast<int>(encrypted.size()));
  advance();
}

TlsSession::Status TlsSession::read(char* into, std::size_t capacity, std::size_t& got) {
  got = 0;
  if (!error_.empty()) return Status::failed;
  if (!established_) return Status::ok;
  ERR_clear_error();
  const int result = SSL_read(ssl_, into, static_cast<int>(capacity));
  if (result > 0) {
    got = static_cast<std::size_t>(result);
    return Status::ok;
  }
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return Status::ok;
    case SSL_ERROR_ZERO_RETURN: return Status::closed;
    default: fail("TLS"); return Status::failed;
  }
}

bool TlsSession::write(std::string_view plain) {
  while (!plain.empty()) {
    ERR_clear_error();
    const int chunk = static_cast<int>(std::min<std::size_t>(plain.size(), 1 << 20));
    const int result = SSL_write(ssl_, plain.data(), chunk);
    if (result <= 0) {
      fail("TLS");
      return false;
    }
    plain.remove_prefix(static_cast<std::size_t>(result));
  }
  return true;
}

void TlsSession::close_notify() {
  if (established_ && error_.empty()) SSL_shutdown(ssl_);
}

std::string TlsSession::take_output() {
  BIO* out = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace mcpr::net
