// The commands that ask the running router: `mcp-router plugins|sources|services|service NAME [--json]`.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace mcpr::app {

inline constexpr std::string_view kAdminCommandsUsage =
    "\nCommands that ask the running router:\n"
    "  mcp-router plugins [--json]        its plugins, and why one was refused\n"
    "  mcp-router sources [--json]        its sources in discovery order, with their health\n"
    "  mcp-router services [--json]       its services\n"
    "  mcp-router service NAME [--json]   one of them: its instances, and what each source says of it\n";

// Whether the words are one of these commands. A plugin may add a command of the same name with words of its own behind
// it (`services add ...`).
bool is_admin_command(std::span<const std::string> words);

// Asks the admin listener that the settings name. The exit code: 0; 1 where it cannot be reached or refuses; 2 where
// the words are wrong.
int run_admin_command(std::span<const std::string> words, const config::Settings& settings, std::ostream& out,
                      std::ostream& err);

}  // namespace mcpr::app
