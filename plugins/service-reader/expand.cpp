#include "expand.hpp"

#include <cstdlib>
#include <utility>

namespace mcpr::reader {
namespace {

// Name and default of what stands between the braces.
std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view inside, Dialect dialect) {
  if (dialect == Dialect::editor) {
    if (inside.starts_with("env:")) return {inside.substr(4), std::nullopt};
    const std::size_t at = inside.find(":-");
    if (at == std::string_view::npos) return {inside, std::nullopt};
    return {inside.substr(0, at), inside.substr(at + 2)};
  }
  const std::size_t at = inside.find(':');
  if (at == std::string_view::npos) return {inside, std::nullopt};
  return {inside.substr(0, at), inside.substr(at + 1)};
}

}  // namespace

bool expand(std::string& text, const Environment& environment, Dialect dialect, std::string& error) {
  if (dialect == Dialect::replaced || text.find("${") == std::string::npos) return true;
  std::string out;
  std::string_view rest = text;
  for (std::size_t at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
    if (at > 0 && rest[at - 1] == '\\') {
      out.append(rest.substr(0, at - 1)).append("${");
      rest.remove_prefix(at + 2);
      continue;
    }
    const std::size_t end = rest.find('}', at);
    if (end == std::string_view::npos) {
      error = "'${' without its '}'";
      return false;
    }
    const auto [name, fallback] = split(rest.substr(at + 2, end - at - 2), dialect);
    if (name.empty() || name.find_first_of("${=") != std::string_view::npos ||
        name.find('\0') != std::string_view::npos) {
      error = "'${" + std::string(name) + "}' does not name an environment variable";
      return false;
    }
    const std::optional<std::string> value = environment(name);
    if (!value && !fallback) {
      error = "environment variable " + std::string(name) + " is not set, and no default is given";
      return false;
    }
    out.append(rest.substr(0, at)).append(value ? std::string_view(*value) : *fallback);
    rest.remove_prefix(end + 1);
  }
  out.append(rest);
  text = std::move(out);
  return true;
}

bool has_input(std::string_view text) { return text.find("${input:") != std::string_view::npos; }

std::optional<std::string> process_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace mcpr::reader
