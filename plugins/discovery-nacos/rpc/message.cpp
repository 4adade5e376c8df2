#include "rpc/message.hpp"

#include <boost/json/serialize.hpp>

#include "model/json.hpp"
#include "nacos_payload.pb.h"

namespace mcpr::nacos {

std::string encode(const Message& message) {
  wire::Payload payload;
  wire::Metadata& metadata = *payload.mutable_metadata();
  metadata.set_type(message.type);
  for (const auto& [name, value] : message.headers) (*metadata.mutable_headers())[name] = value;
  payload.mutable_body()->set_value(boost::json::serialize(message.body));
  return payload.SerializeAsString();
}

bool decode(std::string_view bytes, Message& out, std::string& error) {
  wire::Payload payload;
  if (!payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    error = "a message that is no Payload";
    return false;
  }
  Message message;
  message.type = payload.metadata().type();
  const std::string& text = payload.body().value();
  Json body = JsonObject();
  if (!text.empty() && !parse_json(text, body, error)) {
    error = "a " + message.type + " whose body is " + error;
    return false;
  }
  if (!body.is_object()) {
    error = "a " + message.type + " whose body is no object";
    return false;
  }
  message.body = std::move(body.get_object());
  out = std::move(message);
  return true;
}

}  // namespace mcpr::nacos
