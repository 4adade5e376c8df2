#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <utility>

#include "node_builder.hpp"

namespace mcpr::reader {
namespace {

namespace json = boost::json;

// What Boost.JSON's parser calls. It says nothing of places, so the text is fed token by token, and `place` and `token`
// are those of the last value or key that was begun.
struct Handler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  Place place;
  std::string_view token;
  std::string text;
  NodeBuilder builder;

  bool add(json::string_view part) {
    text.append(part.data(), part.size());
    return true;
  }
  bool finish(json::string_view part, bool plain) {
    add(part);
    builder.scalar(place, std::exchange(text, {}), plain);
    return true;
  }
  bool number() {
    builder.scalar(place, std::string(token), true);
    return true;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return builder.begin(place, Node::Kind::map), true; }
  bool on_object_end(std::size_t, json::error_code&) { return builder.end(), true; }
  bool on_array_begin(json::error_code&) { return builder.begin(place, Node::Kind::list), true; }
  bool on_array_end(std::size_t, json::error_code&) { return builder.end(), true; }
  bool on_key_part(json::string_view s, std::size_t, json::error_code&) { return add(s); }
  bool on_key(json::string_view s, std::size_t, json::error_code&) { return finish(s, false); }
  bool on_string_part(json::string_view s, std::size_t, json::error_code&) { return add(s); }
  bool on_string(json::string_view s, std::size_t, json::error_code&) { return finish(s, false); }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return number(); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return number(); }
  bool on_double(double, json::string_view, json::error_code&) { return number(); }
  bool on_bool(bool, json::error_code&) { return number(); }
  bool on_null(json::error_code&) { return builder.null(place), true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }  // never: they are taken out before
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_mark(char c) { return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':'; }

// The length of the token that the text begins with: a string, a comment, a run of space, one of {}[],: or anything
// else.
std::size_t token_length(std::string_view text) {
  const char first = text[0];
  if (is_mark(first)) return 1;
  std::size_t n = 1;
  if (first == '"') {
    while (n < text.size() && text[n] != '"') n += text[n] == '\\' ? 2 : 1;
    return std::min(n + 1, text.size());
  }
  if (text.starts_with("//")) return std::min(text.find('\n'), text.size());
  if (text.starts_with("/*")) {
    const std::size_t end = text.find("*/", 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (is_space(first)) {
    while (n < text.size() && is_space(text[n])) ++n;
    return n;
  }
  while (n < text.size() && !is_space(text[n]) && !is_mark(text[n]) && text[n] != '"' && text[n] != '/') ++n;
  return n;
}

bool is_comment(std::string_view token) {
  return token.starts_with("//") || (token.size() >= 4 && token.starts_with("/*") && token.ends_with("*/"));
}

void advance(Place& place, std::string_view over) {
  for (char c : over) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {  // one column a character, however many bytes
      ++place.column;
    }
  }
}

}  // namespace

bool parse_json(std::string_view text, Node& document, SyntaxError& error) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  json::parse_options options;
  options.allow_trailing_commas = true;
  options.max_depth = 64;
  json::basic_parser<Handler> parser(options);
  Handler& handler = parser.handler();
  json::error_code code;
  Place place{1, 1};
  try {
    while (!text.empty()) {
      const std::string_view token = text.substr(0, token_length(text));
      const char first = token[0];
      if (is_comment(token)) {
        advance(place, token);
        text.remove_prefix(token.size());
        parser.write_some(true, " ", 1, code);
        continue;
      }
      if (first == '{' || first == '[' || (!is_mark(first) && !is_space(first) && first != '/')) {
        handler.place = place;
        handler.token = token;
      }
      const std::size_t read = parser.write_some(true, token.data(), token.size(), code);
      if (!code && read < token.size()) code = json::error::extra_data;
      if (code) {
        advance(place, token.substr(0, std::min(read, token.size())));
        error = {place, "not JSON: " + code.message()};
        return false;
      }
      advance(place, token);
      text.remove_prefix(token.size());
    }
    parser.write_some(false, "", 0, code);
    if (code) {
      error = {place, "not JSON: " + code.message()};
      return false;
    }
  } catch (const SyntaxError& e) {
    error = e;
    return false;
  }
  document = handler.builder.take();
  return true;
}

}  // namespace mcpr::reader
