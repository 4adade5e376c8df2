// Texts for people about what can go wrong with a database.
#pragma once

#include <string>

#include "config.hpp"
#include "database.hpp"
#include "file_state.hpp"

namespace mcpr::sqlite {

std::string no_file_text(const std::string& path);
std::string no_table_text(const Config& config);
std::string newer_schema_text(const std::string& path, std::int64_t found);

// What an error of SQLite's means for this database, and what helps.
std::string explain(const SqlError& error, const Config& config);

}  // namespace mcpr::sqlite
