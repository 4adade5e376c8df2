// The router's own tables in a database: their definition, and which tables a database has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "database.hpp"

namespace mcpr::sqlite {

inline constexpr std::int64_t kSchemaVersion = 1;

// The statements that make the schema; docs/discovery-sqlite.md explains it.
std::string_view schema_sql();

bool has_table(Database& db, std::string_view name);  // or a view

// The version of the router's own schema; nothing where the database does not have it.
std::optional<std::int64_t> schema_version(Database& db);

// Makes the schema where it is not there yet, and before it the file, if `options` allow that. A new file gets a
// write-ahead log. Safe when several processes do it at once.
void create_schema(const std::string& path, const OpenOptions& options);

}  // namespace mcpr::sqlite
