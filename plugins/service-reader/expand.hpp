// Environment variables inside values.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcpr::reader {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

enum class Dialect {
  replaced,  // the router has done it: nothing is replaced any more
  router,    // ${NAME} and ${NAME:default}, as in application.yml
  editor     // ${NAME}, ${NAME:-default} and ${env:NAME}, as in mcpServers files of editors and desktop clients
};

// Replaces each reference in text; `\${` stands for `${`. A variable that is not set and has no default is an error
// that names it, and so is one without an end. What is put in is not expanded again.
bool expand(std::string& text, const Environment& environment, Dialect dialect, std::string& error);

// Editors ask their user for `${input:...}`, which nobody can answer here.
bool has_input(std::string_view text);

// The environment of the process.
std::optional<std::string> process_environment(std::string_view name);

}  // namespace mcpr::reader
