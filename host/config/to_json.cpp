#include "host/config/to_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>

#include "host/config/profile.hpp"
#include "host/config/units.hpp"

namespace mcpr::config {

namespace json = boost::json;

namespace {

std::optional<double> parse_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// "007" and "+1" are names of something more often than numbers.
bool reads_as_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text == "0" || (!text.empty() && text.front() >= '1' && text.front() <= '9');
}

json::value by_looks(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (const auto integer = parse_integer(text); integer && reads_as_integer(text)) return *integer;
  const bool fraction = text.find('.') != std::string::npos && reads_as_integer(text.substr(0, text.find('.')));
  if (const auto number = parse_number(text); number && fraction) return *number;
  return json::string(text);
}

json::value scalar_to_json(const Node& node, const std::string& text, const SchemaView& schema) {
  const bool number = schema.names_type("number");
  if (schema.names_type("boolean")) {
    if (const auto value = parse_boolean(text); value && (!number || text.size() > 1)) return *value;
  }
  if (number || schema.names_type("integer")) {
    if (const auto value = parse_integer(text)) return *value;
    if (const auto value = parse_number(text); value && number) return *value;
  }
  if (schema.names_type("string") || node.quoted) return json::string(text);
  return by_looks(text);
}

}  // namespace

json::value to_json(const Node& node, const SchemaView& schema, const Resolver& resolver, Problems& problems) {
  switch (node.kind) {
    case Node::Kind::null: return nullptr;
    case Node::Kind::scalar: {
      const auto text = resolver.resolve(node, problems);
      if (!text) return nullptr;
      if (schema.names_type("array") && !schema.names_type("string")) {
        json::array list;
        for (const std::string& part : split_list(*text)) list.push_back(scalar_to_json(node, part, schema.item()));
        return list;
      }
      return scalar_to_json(node, *text, schema);
    }
    case Node::Kind::list: {
      json::array list;
      const SchemaView item = schema.item();
      for (const Node& element : node.items) list.push_back(to_json(element, item, resolver, problems));
      return list;
    }
    case Node::Kind::map: {
      json::object object;
      for (const Entry& entry : node.entries) {
        object[schema.spelling(entry.name).value_or(entry.name)] =
            to_json(entry.value, schema.property(entry.name), resolver, problems);
      }
      return object;
    }
  }
  return nullptr;
}

}  // namespace mcpr::config
