// Values of the Mcp-* header fields: how they carry text that a header cannot, and which of them are acceptable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcpr::mcp {

std::string_view strip_ows(std::string_view value);  // spaces and tabs around a field value (RFC 9110, section 5.6.3)

// `=?base64?<base64 of the UTF-8 text>?=` gives that text, any other value itself. Nothing: the base64 is malformed.
std::optional<std::string> decode_header(std::string_view value);
// As it is when a header can carry it so. Encoding more than that is refused by some servers.
std::string encode_header(std::string_view text);

// The header says the same as the body. Upper and lower case are different.
bool header_matches(std::string_view header, std::string_view body_value);

bool valid_session_id(std::string_view id);      // 1 to 256 visible ASCII characters
bool valid_field_value(std::string_view value);  // may stand in a header as it is (RFC 9110, section 5.5)

}  // namespace mcpr::mcp
