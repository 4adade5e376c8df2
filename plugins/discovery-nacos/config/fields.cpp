#include "config/fields.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <mcpr/text.hpp>

namespace mcpr::nacos {
namespace {

namespace json = boost::json;

void add_words(std::string_view text, std::vector<std::string>& out) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string_view word = text.substr(at, comma - at);
    at = comma + 1;
    while (!word.empty() && (word.front() == ' ' || word.front() == '\t')) word.remove_prefix(1);
    while (!word.empty() && (word.back() == ' ' || word.back() == '\t')) word.remove_suffix(1);
    if (!word.empty()) out.emplace_back(word);
  }
}

std::string shown(const json::value& value) { return json::serialize(value); }

}  // namespace

bool scalar_text(const json::value& value, std::string& out) {
  if (const json::string* text = value.if_string()) {
    out.assign(text->data(), text->size());
    return true;
  }
  if (!value.is_number() && !value.is_bool()) return false;
  out = shown(value);
  return true;
}

bool word_list(const json::value& value, std::vector<std::string>& out) {
  std::vector<std::string> words;
  std::string text;
  if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list) {
      if (!scalar_text(item, text)) return false;
      add_words(text, words);
    }
  } else if (scalar_text(value, text)) {
    add_words(text, words);
  } else {
    return false;
  }
  out = std::move(words);
  return true;
}

const json::value* Fields::take(std::string_view key) {
  known_.emplace(key);
  const json::value* value = object_.if_contains(key);
  return value && !value->is_null() ? value : nullptr;
}

void Fields::flag(std::string_view key, bool& out) {
  const json::value* value = take(key);
  if (!value) return;
  if (const bool* flag = value->if_bool()) {
    out = *flag;
  } else {
    fail(key, "expected true or false, found " + shown(*value));
  }
}

void Fields::text(std::string_view key, std::string& out) {
  const json::value* value = take(key);
  if (value && !scalar_text(*value, out)) fail(key, "expected a text, found " + std::string(to_string(value->kind())));
}

void Fields::count(std::string_view key, std::size_t& out, std::size_t least, std::size_t most) {
  const json::value* value = take(key);
  if (!value) return;
  json::error_code none;
  const auto number = value->is_number() ? value->to_number<std::int64_t>(none) : -1;
  if (none || number < static_cast<std::int64_t>(least) || number > static_cast<std::int64_t>(most)) {
    fail(key, "expected a number from " + std::to_string(least) + " to " + std::to_string(most) + ", found " +
                  shown(*value));
  } else {
    out = static_cast<std::size_t>(number);
  }
}

void Fields::duration(std::string_view key, std::chrono::milliseconds& out) {
  const json::value* value = take(key);
  if (!value) return;
  std::string written, error;
  std::uint64_t ms = 0;
  if (!scalar_text(*value, written)) {
    fail(key, "expected a time, found " + std::string(to_string(value->kind())));
  } else if (!text::parse_duration_ms(written, ms, error)) {
    fail(key, error);
  } else {
    out = std::chrono::milliseconds(ms);
  }
}

void Fields::words(std::string_view key, std::vector<std::string>& out) {
  const json::value* value = take(key);
  if (value && !word_list(*value, out)) fail(key, "expected a list of texts, found " + shown(*value));
}

void Fields::pairs(std::string_view key, sdk::KeyValues& out) {
  const json::object* object = section(key);
  if (!object) return;
  for (const auto& [name, value] : *object) {
    std::string text;
    if (!value.is_null() && !scalar_text(value, text)) {
      fail(std::string(key) + "." + std::string(name), "expected a text, found " + shown(value));
    } else {
      out.emplace_back(name, std::move(text));
    }
  }
}

const json::object* Fields::section(std::string_view key) {
  const json::value* value = take(key);
  if (!value) return nullptr;
  if (!value->is_object()) fail(key, "expected a section, found " + shown(*value));
  return value->if_object();
}

void Fields::finish(const std::vector<std::string_view>& of_others) {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& member : object_) {
    const std::string_view key(member.key().data(), member.key().size());
    if (known_.count(key) > 0 || std::find(of_others.begin(), of_others.end(), key) != of_others.end()) continue;
    errors_.push_back((path_.empty() ? "" : path_.substr(0, path_.size() - 1) + ": ") + text::unknown_key(key, known));
  }
}

}  // namespace mcpr::nacos
