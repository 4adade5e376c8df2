// What a plugin's JSON Schema says about the shape of its configuration: enough to turn text into the right JSON types
// and to find the spelling that the plugin expects. It does not validate.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::config {

// Borrows the schema. A view of nothing (null, or a part that the schema says nothing of) allows everything.
class SchemaView {
 public:
  SchemaView() = default;
  explicit SchemaView(const boost::json::value* schema);

  // True where the schema names types here and this is one of them.
  bool names_type(std::string_view type) const;

  SchemaView property(std::string_view name) const;
  SchemaView item() const;
  std::optional<std::string> spelling(std::string_view name) const;  // of a property, found by relaxed name
  std::vector<std::string> property_names() const;

 private:
  void add(const boost::json::value& part, int depth);

  const boost::json::value* root_ = nullptr;
  std::vector<const boost::json::object*> parts_;  // allOf, anyOf and oneOf taken together
};

}  // namespace mcpr::config
