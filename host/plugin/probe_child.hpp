// The probe's own process: `mcp-router --probe FILE`.
#pragma once

#include <filesystem>

namespace mcpr::plugin {

// Loads the file as the router would, makes an instance for each configuration that it is told, does not start it, and
// takes everything down again. Reports on standard output (probe_dialogue.hpp). Returns the exit code: 0 where it could
// report a verdict, good or bad.
int probe_file(const std::filesystem::path& file, const char* version);

}  // namespace mcpr::plugin
