#include "failure.hpp"

#include <unistd.h>

#include "schema.hpp"

namespace mcpr::sqlite {
namespace {

std::string seconds(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

}  // namespace

std::string no_file_text(const std::string& path) {
  return path + ": there is no such file; `create: true` or `mcp-router services add` makes it";
}

std::string no_table_text(const Config& config) {
  return config.path + ": has neither a table `" + config.table +
         "` nor the router's own tables; check `path` and `table-name`, or let `create: true` or `mcp-router services "
         "add` make the tables";
}

std::string newer_schema_text(const std::string& path, std::int64_t found) {
  const std::string known = std::to_string(kSchemaVersion);
  if (found < kSchemaVersion) return path + ": its schema has version " + std::to_string(found) + ", which is none";
  return path + ": its schema has version " + std::to_string(found) + ", and this plugin knows up to " + known +
         "; install the plugin of the router that has written it";
}

std::string explain(const SqlError& error, const Config& config) {
  const std::string& path = config.path;
  const std::string said = std::string(" (") + error.what() + ")";
  std::string why_not;
  switch (error.code()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return path + ": is locked by another process for more than " + seconds(config.busy_timeout) +
             "; end its transaction, or raise busy-timeout";
    case SQLITE_NOTADB: return path + ": is not an SQLite database, or it is encrypted";
    case SQLITE_CORRUPT:
      return path + ": is damaged" + said + "; put a backup in its place, or save what can be read: sqlite3 " + path +
             " .recover | sqlite3 recovered.db";
    case SQLITE_INTERRUPT:
      return path + ": reading takes more than " + seconds(config.read_timeout) +
             "; simplify the query or view, or raise read-timeout";
    case SQLITE_FULL: return path + ": " + error.what();
    case SQLITE_TOOBIG: return path + ": a row is larger than 16 MiB";
    case SQLITE_READONLY:
      if (error.extended() == SQLITE_READONLY_ROLLBACK) {
        return path +
               ": a writer has crashed, and its journal has to be rolled back, which needs write permission; open "
               "it once as a user who may write: sqlite3 " +
               path + " .schema";
      }
      if (error.extended() == SQLITE_READONLY) {
        return path + ": may not be written; do it as a user who may write the file and its folder";
      }
      [[fallthrough]];
    case SQLITE_CANTOPEN:
      if (!look_at(path).exists) {
        return path + ": cannot be made; its folder has to be there and writable for user " +
               std::to_string(::geteuid());
      }
      if (!may_read(path, why_not)) return path + ": cannot be read: " + why_not;
      if (look_at(path).has_wal) {
        return path +
               ": has a write-ahead log (-wal) that cannot be read without its index (-shm), which may not be made "
               "in this folder; open it once as a user who may write: sqlite3 " +
               path + " .schema, or let the router write to the folder";
      }
      return path + ": cannot be opened" + said;
    case SQLITE_IOERR: return path + ": cannot be read" + said;
    default: return path + ": " + error.what();
  }
}

}  // namespace mcpr::sqlite
