// Reads typed values of schema keys from a tree. Each key that is read is noted down with its text and origin.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/schema.hpp"
#include "host/config/settings.hpp"
#include "host/config/tree.hpp"

namespace mcpr::config {

class ValueReader {
 public:
  ValueReader(const ConfigTree& tree, Problems& problems)
      : tree_(tree), resolver_(tree.resolver()), problems_(problems) {}

  // Without a value (not configured and no default, or ill-typed, which is a problem) these give what "nothing" is for
  // the type: false, 0, "" or an empty list. The optional ones tell.
  bool boolean(std::string_view key) { return maybe_boolean(key).value_or(false); }
  std::int64_t integer(std::string_view key) { return maybe_number(key).value_or(0); }
  std::uint64_t size(std::string_view key) { return static_cast<std::uint64_t>(maybe_number(key).value_or(0)); }
  std::chrono::milliseconds duration(std::string_view key) {
    return std::chrono::milliseconds(maybe_number(key).value_or(0));
  }
  std::string string(std::string_view key) { return maybe_string(key).value_or(""); }
  std::vector<std::string> list(std::string_view key);
  std::map<std::string, std::string> map(std::string_view key);
  const Node* any(std::string_view key);

  std::optional<bool> maybe_boolean(std::string_view key);
  std::optional<std::int64_t> maybe_number(std::string_view key);  // integer, size, duration (milliseconds)
  std::optional<std::string> maybe_string(std::string_view key);

  const Resolver& resolver() const { return resolver_; }
  Problems& problems() { return problems_; }
  Origin origin(std::string_view key) const;
  void problem(std::string_view key, const std::string& message);  // at the key's place, "key: message"

  // What was noted, in the order of the schema.
  std::vector<Settings::Value> values() const;

 private:
  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> number(const Key& key, std::string_view text, bool& in_range);
  void note(std::string_view key, std::string text);
  void flatten(const Node& node, const std::string& prefix, std::string_view key,
               std::map<std::string, std::string>& out);

  const ConfigTree& tree_;
  Resolver resolver_;
  Problems& problems_;
  std::map<std::string_view, std::string> texts_;  // by the schema's spelling
};

}  // namespace mcpr::config
