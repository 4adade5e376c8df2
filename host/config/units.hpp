// Durations and sizes as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcpr::config {

// "500ms", "15s", "2m", "1h30m", "7d", ISO-8601 ("PT30M", "P1DT12H"), or a number of milliseconds. Never negative; at
// most ten years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "512", "512B", "64K", "64KB", "64KiB", "4MB", "4MiB", "1GiB". KB and KiB are both 1,024 bytes, as in Spring.
std::optional<std::uint64_t> parse_size(std::string_view text);

// "true", "false", "yes", "no", "on", "off", "1", "0", in any case.
std::optional<bool> parse_boolean(std::string_view text);

// A whole decimal number with an optional sign, and nothing else.
std::optional<std::int64_t> parse_integer(std::string_view text);

std::string to_text(std::chrono::milliseconds duration);  // "1m30s", "1500ms"

}  // namespace mcpr::config
