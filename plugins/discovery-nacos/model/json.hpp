// Tolerant reading of JSON that Nacos and its many clients write: a member that is missing, null or of another type
// counts as not given; numbers may be written as text.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <mcpr/abi.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::nacos {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

// False with a text for people where it is no JSON, nests too deeply or is too long.
bool parse_json(std::string_view text, Json& out, std::string& error);

const JsonObject* object_in(const JsonObject& object, std::string_view key);
const JsonArray* array_in(const JsonObject& object, std::string_view key);
std::string text_in(const JsonObject& object, std::string_view key);  // a number or flag as text too; empty: not given
bool flag_in(const JsonObject& object, std::string_view key, bool if_absent);
std::optional<double> number_in(const JsonObject& object, std::string_view key);
std::optional<std::uint16_t> port_in(const JsonObject& object, std::string_view key);  // 1 to 65535
std::vector<std::string> texts_in(const JsonObject& object, std::string_view key);
// A map of texts, or Nacos' list of {"name","value"} (also "key"); values that are no scalars are left out.
sdk::KeyValues pairs_in(const JsonObject& object, std::string_view key);

}  // namespace mcpr::nacos
