// A channel of its own to one server.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "config/settings.hpp"

namespace mcpr::nacos {

// Null with a text where a file of the TLS settings cannot be read. Nothing is connected yet.
std::shared_ptr<grpc::Channel> make_channel(const Address& server, const Settings::Grpc& grpc, const Settings::Tls& tls,
                                            std::string& error);

}  // namespace mcpr::nacos
