#include "auth/login_answer.hpp"

#include <algorithm>

#include "http/answer.hpp"
#include "model/json.hpp"

namespace mcpr::nacos {
namespace {

// A server that does not say gives its default; one that says nonsense is asked again in a day at the latest.
constexpr std::chrono::seconds kUsual{18'000};
constexpr double kLongest = 86'400;

}  // namespace

LoginAnswer read_login(const sdk::HttpResponse& response) {
  LoginAnswer out;
  const Reply reply = read_answer(response);
  if (!reply.ok) {
    out.error = reply.error;
    out.no_such_path = reply.code == 404 || reply.code == 405 || reply.code == 410 || reply.code == 501;
    return out;
  }
  const JsonObject* body = reply.body.if_object();
  if (body) out.token = text_in(*body, "accessToken");
  if (out.token.empty()) {
    out.error = "the answer holds no accessToken";
    return out;
  }
  const auto ttl = number_in(*body, "tokenTtl");
  out.ttl = ttl && *ttl >= 1 ? std::chrono::seconds(static_cast<std::int64_t>(std::min(*ttl, kLongest))) : kUsual;
  out.ok = true;
  return out;
}

}  // namespace mcpr::nacos
