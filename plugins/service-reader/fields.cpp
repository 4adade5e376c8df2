#include "fields.hpp"

#include <charconv>
#include <mcpr/text.hpp>
#include <mcpr/url.hpp>
#include <utility>

namespace mcpr::reader {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::string sentence(const std::string& owner, std::string_view text) {
  return owner.empty() ? std::string(text) : owner + ": " + std::string(text);
}

}  // namespace

std::string kebab(std::string_view key) {
  std::string out;
  for (char c : key) {
    if (c >= 'A' && c <= 'Z') {
      if (!out.empty() && out.back() != '-') out += '-';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c == '_' ? '-' : c;
    }
  }
  return out;
}

void Fields::fail(Place place, std::string_view text) {
  reading_.errors.push_back({context_.file, place.line, place.column, sentence(owner_, text)});
}

void Fields::note(Place place, std::string_view text) {
  reading_.notes.push_back({context_.file, place.line, place.column, sentence(owner_, text)});
}

Fields::Keys Fields::keys(const Node& map, std::string_view what, std::span<const std::string_view> known) {
  Keys keys;
  const std::string prefix = what.empty() ? "" : std::string(what) + ": ";
  if (!map.is_map()) {
    fail(map.place, prefix + "must be a map, not " + std::string(kind_name(map)));
    return keys;
  }
  for (const Member& member : map.members) {
    std::string name = kebab(member.key);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      if (dialect_ != Dialect::editor) {
        fail(member.place, prefix + text::unknown_key(member.key, known));
      } else {
        note(member.place, prefix + "key '" + member.key + "' is not used");
      }
    } else if (const auto [at, added] = keys.try_emplace(std::move(name), &member); !added) {
      fail(member.place, prefix + "'" + member.key + "' is given twice, also as '" + at->second->key + "'");
    }
  }
  std::erase_if(keys, [](const auto& item) { return item.second->value.is_null(); });
  return keys;
}

bool Fields::literal(const Node& node, std::string_view what, std::string& out) {
  if (!node.is_scalar()) {
    fail(node.place, std::string(what) + ": must be a single value, not " + std::string(kind_name(node)));
    return false;
  }
  out = node.text;
  return true;
}

bool Fields::text(const Node& node, std::string_view what, std::string& out) {
  std::string value, error;
  if (!literal(node, what, value)) return false;
  if (!expand(value, context_.environment, dialect_, error)) {
    fail(node.place, std::string(what) + ": " + error);
    return false;
  }
  out = std::move(value);
  return true;
}

bool Fields::flag(const Node& node, std::string_view what, bool& out) {
  std::string value;
  if (!text(node, what, value)) return false;
  for (const auto& [word, meaning] :
       {std::pair{"true", true}, {"yes", true}, {"on", true}, {"false", false}, {"no", false}, {"off", false}}) {
    if (!url::detail::same_word(value, word)) continue;
    out = meaning;
    return true;
  }
  fail(node.place, std::string(what) + ": '" + value + "' is neither true nor false");
  return false;
}

bool Fields::weight(const Node& node, std::string_view what, std::uint32_t& out_milli) {
  std::string value;
  if (!text(node, what, value)) return false;
  double weight = -1;
  const char* end = value.data() + value.size();
  const auto [stop, failed] = std::from_chars(value.data(), end, weight, std::chars_format::fixed);
  if (failed != std::errc{} || stop != end || !(weight >= 0) || weight > 1'000'000) {
    fail(node.place, std::string(what) + ": '" + value + "' is not a number from 0 to 1000000");
    return false;
  }
  out_milli = static_cast<std::uint32_t>(weight * 1000 + 0.5);
  // A weight above zero is never rounded to the one that takes nothing.
  if (weight > 0 && out_milli == 0) out_milli = 1;
  return true;
}

bool Fields::duration_ms(const Node& node, std::string_view what, std::uint64_t& out) {
  std::string value, error;
  if (!text(node, what, value)) return false;
  if (text::parse_duration_ms(value, out, error)) return true;
  fail(node.place, std::string(what) + ": " + error);
  return false;
}

bool Fields::words(const Node& node, std::string_view what, std::vector<std::string>& out) {
  std::vector<std::string> words;
  if (node.is_list()) {
    for (const Node& item : node.items) {
      std::string word;
      if (!text(item, what, word)) return false;
      words.push_back(std::move(word));
    }
  } else {
    std::string all;
    if (!text(node, what, all)) return false;
    for (std::string_view rest = all; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (const std::string_view word = trim(rest.substr(0, comma)); !word.empty()) words.emplace_back(word);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  out = std::move(words);
  return true;
}

bool Fields::pairs(const Node& node, std::string_view what, KeyValues& out) {
  if (!node.is_map()) {
    fail(node.place, std::string(what) + ": must be a map, not " + std::string(kind_name(node)));
    return false;
  }
  KeyValues found;
  for (const Member& member : node.members) {
    std::string value;
    if (!member.value.is_null() && !text(member.value, std::string(what) + "." + member.key, value)) return false;
    found.emplace_back(member.key, std::move(value));
  }
  out = std::move(found);
  return true;
}

}  // namespace mcpr::reader
