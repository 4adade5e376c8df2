// Every key that the router itself knows: its type, default and meaning. The only place where defaults stand.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::config {

enum class Type : std::uint8_t {
  boolean,
  integer,
  size,      // bytes, with KiB, MiB, GiB
  duration,  // 15s, 500ms, PT30M
  string,
  list,     // of strings; "a,b" is one too
  map,      // of strings by name
  any,      // its reader knows its shape
  foreign,  // of a system that this one replaces: taken, has no effect, named once
};

enum class Apply : std::uint8_t { live, restart };  // whether a change takes effect while running

struct Key {
  std::string_view name;
  Type type;
  std::string_view fallback;  // as it would be written; "" where there is none
  Apply apply;
  std::string_view description;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();  // of integer, size and duration (milliseconds)
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::string_view choices = {};  // "memory|redis": all that a string may be
  bool secret = false;            // never printed
};

std::span<const Key> schema();

// By relaxed spelling. Null: not a key.
const Key* find_key(std::string_view name);

// Whether keys lie below this name: "server", "spring.ai".
bool is_section(std::string_view name);

// Below these an unknown key is an error; a section elsewhere belongs to somebody else's file.
std::span<const std::string_view> strict_sections();

// "spring.ai.alibaba.mcp.router" -> "mcp.router": names that mean another one.
struct Alias {
  std::string_view name;
  std::string_view canonical;
};
std::span<const Alias> aliases();

// "logging.file" -> "logging.file.name": where a plain value stands for a section, it means this key of it.
std::span<const Alias> shorthands();

// A key with aliases replaced: "spring.ai.alibaba.mcp.router.services" gives "mcp.router.services".
std::string canonical(std::string_view name);

std::string_view type_name(Type type);  // "a duration (such as 15s, 500ms or PT30M)"

}  // namespace mcpr::config
