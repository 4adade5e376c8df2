#include "host/catalog/options.hpp"

#include <array>
#include <boost/json.hpp>

#include "sdk/include/mcpr/text.hpp"

namespace mcpr::catalog {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 6> kKeys{"headers",        "timeouts", "forward-authorization",
                                                "forward-cookie", "ca-file",  "load-balancer"};
constexpr std::array<std::string_view, 4> kTimeoutKeys{"connect", "response", "idle", "tools"};

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

bool expected(std::string_view key, std::string_view what, const json::value& got, std::string& error) {
  error = "'" + std::string(key) + "' must be " + std::string(what) + ", not " +
          std::string(view(json::to_string(got.kind())));
  return false;
}

bool read_flag(std::string_view key, const json::value& value, bool& out, std::string& error) {
  if (!value.is_bool()) return expected(key, "true or false", value, error);
  out = value.get_bool();
  return true;
}

bool read_text(std::string_view key, const json::value& value, std::string& out, std::string& error) {
  if (!value.is_string()) return expected(key, "a text", value, error);
  out = view(value.get_string());
  return true;
}

bool read_duration(const std::string& key, const json::value& value, milliseconds& out, std::string& error) {
  std::string text;
  if (value.is_string()) {
    text = view(value.get_string());
  } else if (value.is_number()) {
    text = json::serialize(value);
    // Exponents come out of the serializer for every floating number; a time is given as a plain one.
    if (value.is_double()) text = std::to_string(value.get_double());
  } else {
    return expected(key, "a time (\"5s\", or a number of milliseconds)", value, error);
  }
  std::uint64_t ms = 0;
  if (!text::parse_duration_ms(text, ms, error)) {
    error = "'" + key + "': " + error;
    return false;
  }
  out = milliseconds(ms);
  return true;
}

bool read_headers(const json::value& value, KeyValues& out, std::string& error) {
  if (!value.is_object()) return expected("headers", "an object of texts", value, error);
  out.clear();
  for (const auto& member : value.get_object()) {
    const std::string_view name = view(member.key());
    std::string text;
    if (!read_text("headers." + std::string(name), member.value(), text, error)) return false;
    if (!text::check_header(name, text, error)) {
      error = "'headers': " + error;
      return false;
    }
    out.emplace_back(name, std::move(text));
  }
  return true;
}

bool read_timeouts(const json::value& value, Timeouts& out, std::string& error) {
  if (!value.is_object()) return expected("timeouts", "an object", value, error);
  for (const auto& member : value.get_object()) {
    const std::string_view key = view(member.key());
    const std::string path = "timeouts." + std::string(key);
    bool ok = true;
    if (key == "connect") {
      ok = read_duration(path, member.value(), out.connect, error);
    } else if (key == "response") {
      ok = read_duration(path, member.value(), out.response, error);
    } else if (key == "idle") {
      ok = read_duration(path, member.value(), out.idle, error);
    } else if (key == "tools") {
      if (!member.value().is_object()) return expected(path, "an object of times by tool name", member.value(), error);
      out.tools.clear();
      for (const auto& tool : member.value().get_object()) {
        const std::string name(view(tool.key()));
        ok = ok && read_duration(path + "." + name, tool.value(), out.tools[name], error);
      }
    } else {
      error = "'timeouts': " + text::unknown_key(key, kTimeoutKeys);
      ok = false;
    }
    if (!ok) return false;
  }
  return true;
}

bool read_member(std::string_view key, const json::value& value, ServiceOptions& out, std::string& error) {
  if (key == "headers") return read_headers(value, out.headers, error);
  if (key == "timeouts") return read_timeouts(value, out.timeouts, error);
  if (key == "forward-authorization") return read_flag(key, value, out.forward_authorization, error);
  if (key == "forward-cookie") return read_flag(key, value, out.forward_cookie, error);
  if (key == "ca-file") return read_text(key, value, out.ca_file, error);
  if (key == "load-balancer") return read_text(key, value, out.load_balancer, error);
  error = text::unknown_key(key, kKeys);
  return false;
}

}  // namespace

bool parse_service_options(std::string_view text, ServiceOptions& out, std::string& error) {
  if (text.empty()) return true;
  json::error_code code;
  const json::value root = json::parse(json::string_view(text.data(), text.size()), code);
  if (code) {
    error = "the options are not JSON: " + code.message();
    return false;
  }
  if (!root.is_object()) return expected("options", "an object", root, error);
  ServiceOptions options = out;
  for (const auto& member : root.get_object()) {
    if (!read_member(view(member.key()), member.value(), options, error)) return false;
  }
  out = std::move(options);
  return true;
}

}  // namespace mcpr::catalog
