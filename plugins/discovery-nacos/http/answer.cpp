#include "http/answer.hpp"

#include <algorithm>

#include "model/json.hpp"

namespace mcpr::nacos {
namespace {

constexpr std::size_t kMostShown = 300;

// A body as it may stand in an error text: one line, not all of a page of HTML.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, kMostShown));
  std::replace_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// {"code":..,"message":..,"data":..}; {"status":..,"error":..,"message":..}
std::string said(const JsonObject& body) {
  std::string text = text_in(body, "message");
  const std::string error = text_in(body, "error");
  if (text.empty() || text == "No message available") text = error.empty() ? text : error;
  const std::string data = text_in(body, "data");
  if (!data.empty() && text.find(data) == std::string::npos) text += (text.empty() ? "" : ": ") + data;
  return text;
}

}  // namespace

Reply read_answer(const sdk::HttpResponse& response, bool raw_text) {
  Reply out;
  if (response.result != MCPR_OK) {
    out.error = response.error.empty() ? "no answer" : response.error;
    return out;
  }
  out.raw = response.body;
  const bool good = response.code >= 200 && response.code < 300;
  std::string not_json;
  Json body;
  const bool is_json = !(good && raw_text) && parse_json(response.body, body, not_json);
  const JsonObject* object = is_json ? body.if_object() : nullptr;
  if (!good) {
    out.code = static_cast<int>(response.code);
    const std::string text = object ? said(*object) : one_line(response.body);
    out.error = "HTTP " + std::to_string(response.code) + (text.empty() ? "" : ": " + one_line(text));
    return out;
  }
  // Answers in the envelope have both members; other documents may have one that is called code.
  const bool envelope = object && object->contains("code") && object->contains("data");
  const double code = envelope ? number_in(*object, "code").value_or(-1) : 0;
  if (code != 0 && code != 200) {  // 200: some of v1's
    out.code = static_cast<int>(code);
    out.error = one_line(said(*object));
    if (out.error.empty()) out.error = "code " + std::to_string(out.code);
    return out;
  }
  out.ok = true;
  if (envelope) {
    out.body = object->at("data");
  } else {
    out.body = is_json ? std::move(body) : Json(response.body);
  }
  return out;
}

bool is_refused(const Reply& reply) {
  // Who we are is known and not the matter then: another token would be as good as this one.
  const bool forbidden = reply.error.find("authorization failed") != std::string::npos;
  return !reply.ok && !forbidden && (reply.code == 403 || reply.code == 401);
}

bool is_out_of_order(const sdk::HttpResponse& response) {
  if (response.result != MCPR_OK) return response.result != MCPR_E_CANCELLED && response.result != MCPR_E_INVALID;
  return response.code == 502 || response.code == 503 || response.code == 504;
}

}  // namespace mcpr::nacos
