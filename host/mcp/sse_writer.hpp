// Writes server-sent events as bytes. No space stands behind the colons, readers must cope with that; except where the
// value itself begins with a space, which a reader would take for that one.
#pragma once

#include <string>
#include <string_view>

namespace mcpr::mcp {

namespace detail {

inline void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(value.starts_with(' ') ? ": " : ":").append(value) += '\n';
}

}  // namespace detail

// An empty type or id is left out. Type and id must hold no line ends; data may, and takes a line for each.
inline void append_event(std::string& out, std::string_view type, std::string_view data, std::string_view id = {}) {
  out.reserve(out.size() + type.size() + data.size() + id.size() + 24);
  if (!id.empty()) detail::append_field(out, "id", id);
  if (!type.empty()) detail::append_field(out, "event", type);
  for (;;) {
    const std::size_t end = data.find_first_of("\r\n");
    detail::append_field(out, "data", data.substr(0, end));
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  out += '\n';
}

}  // namespace mcpr::mcp
