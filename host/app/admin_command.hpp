// The commands that ask the running router: `mcp-router plugins|sources|services [NAME] [--json]`.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace mcpr::app {

inline constexpr std::string_view kAdminCommandsUsage =
    "  mcp-router plugins [--json]           the plugins of the running router, and why one was refused\n"
    "  mcp-router sources [--json]           its sources in discovery order, with their health\n"
    "  mcp-router services [NAME] [--json]   its services; of one: instances, and what each source says of it\n";

bool is_admin_command(std::string_view word);

// Asks the admin listener that the settings name. The exit code: 0; 1 where it cannot be reached or refuses; 2 where
// the words are wrong.
int run_admin_command(std::string_view word, std::span<const std::string> arguments, const config::Settings& settings,
                      std::ostream& out, std::ostream& err);

}  // namespace mcpr::app
