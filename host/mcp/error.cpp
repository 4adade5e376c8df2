#include "host/mcp/error.hpp"

#include "host/mcp/version.hpp"

namespace mcpr::mcp {
namespace {

// Length of the UTF-8 sequence that starts at `i`; 0 when there is no valid one (RFC 3629, table in section 4).
std::size_t utf8_length(std::string_view s, std::size_t i) {
  const auto at = [&](std::size_t k) -> unsigned { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0; };
  const auto tail = [&](std::size_t k) { return (at(k) & 0xc0) == 0x80; };
  const unsigned a = at(i), b = at(i + 1);
  if (a < 0x80) return 1;
  if (a >= 0xc2 && a <= 0xdf) return tail(i + 1) ? 2 : 0;
  if (a >= 0xe0 && a <= 0xef) {
    const bool second = a == 0xe0 ? b >= 0xa0 && b <= 0xbf : a == 0xed ? b >= 0x80 && b <= 0x9f : tail(i + 1);
    return second && tail(i + 2) ? 3 : 0;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    const bool second = a == 0xf0 ? b >= 0x90 && b <= 0xbf : a == 0xf4 ? b >= 0x80 && b <= 0x8f : tail(i + 1);
    return second && tail(i + 2) && tail(i + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i++];
    } else if (c == '\n') {
      out += "\\n";
      ++i;
    } else if (c < 0x20) {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
      ++i;
    } else if (const std::size_t length = utf8_length(text, i)) {
      out.append(text, i, length);
      i += length;
    } else {
      out += "\xef\xbf\xbd";
      ++i;
    }
  }
  out += '"';
}

std::string error_body(std::string_view id_raw, int code, std::string_view message, std::string_view data_json) {
  std::string out;
  out.reserve(80 + id_raw.size() + message.size() + data_json.size());
  out.append(R"({"jsonrpc":"2.0","id":)").append(id_raw.empty() ? "null" : id_raw);
  out.append(R"(,"error":{"code":)").append(std::to_string(code)).append(R"(,"message":)");
  append_json_string(out, message);
  if (!data_json.empty()) out.append(R"(,"data":)").append(data_json);
  return out += "}}";
}

std::string unsupported_version_body(std::string_view id_raw, std::string_view requested) {
  std::string data = R"({"supported":[)";
  for (const std::string_view version : supported()) {
    if (data.back() != '[') data += ',';
    append_json_string(data, version);
  }
  data += R"(],"requested":)";
  append_json_string(data, requested);
  data += '}';
  return error_body(id_raw, kUnsupportedVersion, "Unsupported protocol version", data);
}

std::string upstream_failure_body(std::string_view id_raw, std::string_view service, std::string_view instance,
                                  std::string_view reason_code, std::string_view text, bool retry_safe) {
  std::string data = R"({"service":)";
  append_json_string(data, service);
  data += R"(,"instance":)";
  append_json_string(data, instance);
  data += R"(,"reason":)";
  append_json_string(data, reason_code);
  data.append(R"(,"retrySafe":)").append(retry_safe ? "true" : "false") += '}';
  return error_body(id_raw, kInternalError, text, data);
}

}  // namespace mcpr::mcp
