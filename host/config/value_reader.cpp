#include "host/config/value_reader.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "host/config/profile.hpp"
#include "host/config/to_json.hpp"
#include "host/config/units.hpp"

namespace mcpr::config {

namespace {

std::string shown(const Key& key, const std::string& text) {
  if (key.secret) return "a secret";
  return "'" + (text.size() > 80 ? text.substr(0, 80) + "..." : text) + "'";
}

std::string bound(const Key& key, std::int64_t value) {
  if (key.type == Type::duration) return to_text(std::chrono::milliseconds(value));
  return std::to_string(value) + (key.type == Type::size ? " bytes" : "");
}

std::string choices_text(std::string_view choices) {
  std::string out;
  for (const char c : choices) out += c == '|' ? std::string(" or ") : std::string(1, c);
  return out;
}

bool is_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == text) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

}  // namespace

Origin ValueReader::origin(std::string_view key) const {
  const Node* node = tree_.find(key);
  return node ? node->origin : Origin{};
}

void ValueReader::problem(std::string_view key, const std::string& message) {
  problems_.push_back({origin(key), std::string(key) + ": " + message});
}

void ValueReader::note(std::string_view key, std::string text) { texts_[find_key(key)->name] = std::move(text); }

std::optional<std::string> ValueReader::text(std::string_view key) {
  const Key& spec = *find_key(key);
  const Node* node = tree_.find(key);
  if (!node || node->is_null()) {
    note(key, "");
    return std::nullopt;
  }
  if (!node->is_scalar()) {
    problem(key, "expected " + std::string(type_name(spec.type)) + ", found " + std::string(kind_name(*node)));
    return std::nullopt;
  }
  auto resolved = resolver_.resolve(*node, problems_);
  // `port: ${PORT:}` without a PORT: nothing is said, except where text is wanted and may be empty.
  if (resolved && resolved->empty() && spec.type != Type::string && spec.type != Type::list) {
    resolved = spec.fallback.empty() ? std::nullopt : std::optional<std::string>(spec.fallback);
  }
  if (resolved) note(key, *resolved);
  return resolved;
}

std::optional<bool> ValueReader::maybe_boolean(std::string_view key) {
  const auto given = text(key);
  if (!given) return std::nullopt;
  const auto value = parse_boolean(*given);
  if (value) return value;
  problem(key, "expected true or false, found " + shown(*find_key(key), *given));
  return parse_boolean(find_key(key)->fallback);
}

std::optional<std::int64_t> ValueReader::number(const Key& key, std::string_view text, bool& in_range) {
  std::optional<std::int64_t> value;
  if (key.type == Type::duration) {
    if (const auto duration = parse_duration(text)) value = duration->count();
  } else if (key.type == Type::size) {
    if (const auto size = parse_size(text)) value = static_cast<std::int64_t>(*size);
  } else {
    value = parse_integer(text);
  }
  in_range = value && *value >= key.least && *value <= key.most;
  return value;
}

std::optional<std::int64_t> ValueReader::maybe_number(std::string_view key) {
  const Key& spec = *find_key(key);
  const auto given = text(key);
  if (!given) return std::nullopt;
  bool in_range = false;
  const auto value = number(spec, *given, in_range);
  if (value && in_range) return value;
  if (value) {
    problem(key,
            "expected " + bound(spec, spec.least) + " to " + bound(spec, spec.most) + ", found " + shown(spec, *given));
  } else {
    problem(key, "expected " + std::string(type_name(spec.type)) + ", found " + shown(spec, *given));
  }
  return number(spec, spec.fallback, in_range);
}

std::optional<std::string> ValueReader::maybe_string(std::string_view key) {
  const Key& spec = *find_key(key);
  const auto given = text(key);
  if (!given || spec.choices.empty() || is_choice(spec.choices, *given)) return given;
  problem(key, "expected " + choices_text(spec.choices) + ", found " + shown(spec, *given));
  return std::string(spec.fallback);
}

std::vector<std::string> ValueReader::list(std::string_view key) {
  const Node* node = tree_.find(key);
  if (!node || !node->is_list()) return split_list(text(key).value_or(""));
  std::vector<std::string> out;
  std::string joined;
  for (const Node& item : node->items) {
    if (!item.is_scalar()) {
      problems_.push_back({item.origin, std::string(key) + ": expected text, found " + std::string(kind_name(item))});
      continue;
    }
    const auto value = resolver_.resolve(item, problems_);
    if (!value) continue;
    joined += (joined.empty() ? "" : ", ") + *value;
    out.push_back(*value);
  }
  note(key, std::move(joined));
  return out;
}

void ValueReader::flatten(const Node& node, const std::string& prefix, std::string_view key,
                          std::map<std::string, std::string>& out) {
  for (const Entry& entry : node.entries) {
    const std::string name = prefix.empty() ? entry.name : prefix + "." + entry.name;
    if (entry.value.is_map()) {
      flatten(entry.value, name, key, out);
    } else if (entry.value.is_scalar()) {
      if (const auto value = resolver_.resolve(entry.value, problems_)) out[name] = *value;
    } else if (entry.value.is_list()) {
      problems_.push_back({entry.value.origin, std::string(key) + "." + name + ": expected text, found a list"});
    }
  }
}

std::map<std::string, std::string> ValueReader::map(std::string_view key) {
  std::map<std::string, std::string> out;
  const Node* node = tree_.find(key);
  if (node && !node->is_map() && !node->is_null()) {
    problem(key, "expected a section of names and values, found " + std::string(kind_name(*node)));
  } else if (node) {
    flatten(*node, "", key, out);
  }
  std::string joined;
  for (const auto& [name, value] : out) joined += (joined.empty() ? "" : ", ") + name + ": " + value;
  note(key, std::move(joined));
  return out;
}

const Node* ValueReader::any(std::string_view key) {
  const Node* node = tree_.find(key);
  if (!node || node->is_null()) {
    note(key, "");
    return nullptr;
  }
  Problems said_elsewhere;  // by check_keys, for all that is of any type
  note(key, boost::json::serialize(to_json(*node, {}, resolver_, said_elsewhere)));
  return node;
}

std::vector<Settings::Value> ValueReader::values() const {
  std::vector<Settings::Value> out;
  for (const Key& key : schema()) {
    const auto text = texts_.find(key.name);
    if (text != texts_.end()) out.push_back({std::string(key.name), text->second, origin(key.name)});
  }
  return out;
}

}  // namespace mcpr::config
