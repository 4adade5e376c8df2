#include "rpc/reply.hpp"

#include "model/json.hpp"

namespace mcpr::nacos {

Reply read_reply(Wire::Answer answer) {
  Reply out;
  if (!answer.came()) {
    out.error = std::move(answer.error);
    return out;
  }
  const JsonObject& body = answer.message.body;
  // r-nacos omits `success`: the result code decides.
  const double result = number_in(body, "resultCode").value_or(0);
  if (result != 200 || answer.message.type == "ErrorResponse") {
    out.code = static_cast<int>(number_in(body, "errorCode").value_or(0));
    if (out.code == 0) out.code = result >= 1 && result < 1'000'000 ? static_cast<int>(result) : 500;
    out.error = text_in(body, "message");
    if (out.error.empty()) out.error = "error " + std::to_string(out.code);
    return out;
  }
  out.ok = true;
  out.body = std::move(answer.message.body);
  return out;
}

std::string_view module_of(std::string_view type) {
  if (type.starts_with("Config")) return "config";
  if (type.find("Mcp") != std::string_view::npos) return "ai";
  if (type.starts_with("Server") || type.starts_with("Health") || type.starts_with("Connection")) return "internal";
  return "naming";
}

std::string acknowledgement_of(std::string_view type) {
  constexpr std::string_view kRequest = "Request";
  if (!type.ends_with(kRequest)) return {};
  return std::string(type.substr(0, type.size() - kRequest.size())) + "Response";
}

}  // namespace mcpr::nacos
