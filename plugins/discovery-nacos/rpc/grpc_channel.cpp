#include "rpc/grpc_channel.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <fstream>
#include <iterator>

namespace mcpr::nacos {
namespace {

constexpr int kLargestMessage = 64 * 1024 * 1024;

bool read_file(const std::string& path, std::string& out, std::string& error) {
  if (path.empty()) return true;
  std::ifstream in(path, std::ios::binary);
  out.assign(std::istreambuf_iterator<char>(in), {});
  if (in && !out.empty()) return true;
  error = path + ": cannot be read, or is empty";
  return false;
}

}  // namespace

std::shared_ptr<grpc::Channel> make_channel(const Address& server, const Settings::Grpc& grpc, const Settings::Tls& tls,
                                            std::string& error) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (grpc.tls) {
    // Read for every channel: certificates are renewed while we run.
    grpc::SslCredentialsOptions ssl;
    if (!read_file(tls.ca_file, ssl.pem_root_certs, error) || !read_file(tls.cert_file, ssl.pem_cert_chain, error) ||
        !read_file(tls.key_file, ssl.pem_private_key, error)) {
      return nullptr;
    }
    credentials = grpc::SslCredentials(ssl);
  }
  grpc::ChannelArguments arguments;
  // Nacos knows a client by its TCP connection. gRPC would let all channels to one server in this process share one,
  // whichever source, or copy of this plugin, they are of.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kLargestMessage);
  arguments.SetMaxSendMessageSize(kLargestMessage);
  const unsigned port = grpc.port ? grpc.port : server.port + grpc.port_offset;
  return grpc::CreateCustomChannel(server.authority(port), credentials, arguments);
}

}  // namespace mcpr::nacos
