#include "host/config/schema_view.hpp"

#include <boost/json/array.hpp>

#include "host/config/key.hpp"

namespace mcpr::config {

namespace json = boost::json;

namespace {

constexpr int kDeepest = 16;        // of references and combinations, which may be circular
constexpr std::size_t kMost = 256;  // of parts that hold at one place

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }
std::string_view view(const json::string_view& text) { return {text.data(), text.size()}; }

}  // namespace

SchemaView::SchemaView(const json::value* schema) : root_(schema) {
  if (schema) add(*schema, 0);
}

void SchemaView::add(const json::value& part, int depth) {
  const json::object* object = part.if_object();
  if (!object || depth > kDeepest || parts_.size() >= kMost) return;
  parts_.push_back(object);
  if (const json::value* reference = object->if_contains("$ref"); reference && reference->is_string()) {
    const std::string_view target = view(reference->get_string());
    boost::system::error_code error;
    if (target.starts_with("#")) {
      if (const json::value* found = root_->find_pointer({target.data() + 1, target.size() - 1}, error))
        add(*found, depth + 1);
    }
  }
  for (const char* combination : {"allOf", "anyOf", "oneOf"}) {
    const json::value* alternatives = object->if_contains(combination);
    if (!alternatives || !alternatives->is_array()) continue;
    for (const json::value& alternative : alternatives->get_array()) add(alternative, depth + 1);
  }
}

bool SchemaView::names_type(std::string_view type) const {
  for (const json::object* part : parts_) {
    const json::value* named = part->if_contains("type");
    if (!named) continue;
    if (named->is_string() && view(named->get_string()) == type) return true;
    if (!named->is_array()) continue;
    for (const json::value& one : named->get_array()) {
      if (one.is_string() && view(one.get_string()) == type) return true;
    }
  }
  return false;
}

SchemaView SchemaView::property(std::string_view name) const {
  SchemaView out;
  out.root_ = root_;
  const auto known = spelling(name);
  for (const json::object* part : parts_) {
    const json::value* properties = part->if_contains("properties");
    if (known && properties && properties->is_object()) {
      if (const json::value* found = properties->get_object().if_contains(*known)) out.add(*found, 0);
    } else if (const json::value* others = part->if_contains("additionalProperties"); !known && others) {
      out.add(*others, 0);
    }
  }
  return out;
}

SchemaView SchemaView::item() const {
  SchemaView out;
  out.root_ = root_;
  for (const json::object* part : parts_) {
    if (const json::value* items = part->if_contains("items")) out.add(*items, 0);
  }
  return out;
}

std::optional<std::string> SchemaView::spelling(std::string_view name) const {
  std::optional<std::string> relaxed;
  for (const std::string& property : property_names()) {
    if (property == name) return property;
    if (!relaxed && same_name(property, name)) relaxed = property;
  }
  return relaxed;
}

std::vector<std::string> SchemaView::property_names() const {
  std::vector<std::string> names;
  for (const json::object* part : parts_) {
    const json::value* properties = part->if_contains("properties");
    if (!properties || !properties->is_object()) continue;
    for (const auto& property : properties->get_object()) names.emplace_back(view(property.key()));
  }
  return names;
}

}  // namespace mcpr::config
