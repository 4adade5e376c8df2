#include "json.hpp"

#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>

namespace mcpr::nacos {
namespace {

constexpr std::size_t kMaxText = 16U << 20U;  // a document with the schemas of thousands of tools is far below
constexpr std::size_t kMaxDepth = 128;

std::string scalar(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::string: return std::string(value.get_string());
    case boost::json::kind::bool_: return value.get_bool() ? "true" : "false";
    case boost::json::kind::int64: return std::to_string(value.get_int64());
    case boost::json::kind::uint64: return std::to_string(value.get_uint64());
    case boost::json::kind::double_: {
      char text[32];
      const auto end = std::to_chars(text, text + sizeof text, value.get_double());
      return {text, end.ptr};
    }
    default: return {};
  }
}

bool is_scalar(const Json& value) { return !value.is_object() && !value.is_array() && !value.is_null(); }

}  // namespace

bool parse_json(std::string_view text, Json& out, std::string& error) {
  if (text.size() > kMaxText) {
    error = "longer than " + std::to_string(kMaxText >> 20U) + " MiB";
    return false;
  }
  boost::json::error_code failed;
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  out = boost::json::parse({text.data(), text.size()}, failed, {}, options);
  if (failed) error = "no JSON: " + failed.message();
  return !failed;
}

const JsonObject* object_in(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}

const JsonArray* array_in(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

std::string text_in(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(key);
  return value ? scalar(*value) : std::string();
}

bool flag_in(const JsonObject& object, std::string_view key, bool if_absent) {
  const std::string text = text_in(object, key);
  return text == "true" || text == "1" || (text != "false" && text != "0" && if_absent);
}

std::optional<double> number_in(const JsonObject& object, std::string_view key) {
  const std::string text = text_in(object, key);
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

std::optional<std::uint16_t> port_in(const JsonObject& object, std::string_view key) {
  const std::optional<double> value = number_in(object, key);
  if (!value || *value < 1 || *value > 65535 || std::floor(*value) != *value) return {};
  return static_cast<std::uint16_t>(*value);
}

std::vector<std::string> texts_in(const JsonObject& object, std::string_view key) {
  std::vector<std::string> out;
  if (const JsonArray* items = array_in(object, key)) {
    for (const Json& item : *items) {
      if (is_scalar(item)) out.push_back(scalar(item));
    }
  }
  return out;
}

sdk::KeyValues pairs_in(const JsonObject& object, std::string_view key) {
  sdk::KeyValues out;
  if (const JsonObject* map = object_in(object, key)) {
    for (const auto& [name, value] : *map) {
      if (is_scalar(value)) out.emplace_back(name, scalar(value));
    }
  }
  if (const JsonArray* list = array_in(object, key)) {
    for (const Json& item : *list) {
      const JsonObject* pair = item.if_object();
      if (!pair) continue;
      std::string name = text_in(*pair, "name");
      if (name.empty()) name = text_in(*pair, "key");
      if (!name.empty()) out.emplace_back(std::move(name), text_in(*pair, "value"));
    }
  }
  return out;
}

}  // namespace mcpr::nacos
