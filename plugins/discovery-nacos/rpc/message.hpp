// One message of Nacos' gRPC protocol: a type by name, a JSON body, headers. And its bytes.
#pragma once

#include <boost/json/object.hpp>
#include <mcpr/abi.hpp>
#include <string>
#include <string_view>

namespace mcpr::nacos {

struct Message {
  std::string type;
  boost::json::object body;
  sdk::KeyValues headers;  // of messages that we send
};

// As protobuf.
std::string encode(const Message& message);
// Into type and body. False with a text where the bytes are no such message.
bool decode(std::string_view bytes, Message& out, std::string& error);

}  // namespace mcpr::nacos
