#include "reader.hpp"

#include <algorithm>
#include <ctime>
#include <memory>

#include "failure.hpp"
#include "schema.hpp"

namespace mcpr::sqlite {
namespace {

constexpr std::size_t kMostSingleReads = 500;  // with more changes than that, all is read at once

// The clock of a file system ticks more slowly than files change: what was written a moment ago may change again
// without looking otherwise.
bool is_settled(const FileState& file) {
  constexpr std::int64_t kTick = 100'000'000;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t nanoseconds = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  return nanoseconds - std::max(file.modified_ns, file.changed_ns) > kTick;
}

// `what` is named where the text cannot be used.
std::unique_ptr<Statement> prepared(Database& db, const std::string& sql, const std::string& what) {
  try {
    return std::make_unique<Statement>(db, sql);
  } catch (const SqlError& error) {
    throw SqlError(error.extended(), what + ": " + error.what());
  }
}

}  // namespace

OpenOptions DatabaseReader::options(OpenOptions::Mode mode) const {
  return {mode, config_.busy_timeout, config_.read_timeout, &stop_};
}

void DatabaseReader::close() {
  db_.reset();
  unchanged_.reset();
}

void DatabaseReader::fail(const SqlError& error) const { throw Failure(explain(error, config_)); }

std::optional<Reading> DatabaseReader::read() {
  try {
    return follow();
  } catch (const SqlError& error) {
    close();
    fail(error);
  } catch (...) {
    close();
    throw;
  }
}

std::optional<Reading> DatabaseReader::follow() {
  const FileState file = look_at(config_.path);
  if (!file.exists && !config_.create) {
    close();
    if (told_missing_) return std::nullopt;
    return missing();
  }
  if (file.exists && !file.is_plain) throw Failure(config_.path + ": is not a plain file");
  if (db_ && !opened_.same_file(file)) close();
  if (unchanged_) {
    if (*unchanged_ == file) return std::nullopt;
    unchanged_.reset();
  }
  if (!db_) return open_and_read(file);
  // Asked before reading: what is committed in between is read twice, and not missed.
  const std::int64_t version = db_->data_version();
  if (version == seen_version_) return std::nullopt;
  Reading reading = read_all(*db_);
  seen_version_ = version;
  return reading;
}

Reading DatabaseReader::missing() {
  if (!config_.path_is_default || had_own_ || had_table_) throw Failure(no_file_text(config_.path));
  told_missing_ = true;
  Reading nothing;
  nothing.hint = config_.path + " is not there; `mcp-router services add` makes it";
  return nothing;
}

Reading DatabaseReader::open_and_read(const FileState& file) {
  if (file.exists) {
    if (std::optional<Reading> reading = open_existing(file)) return std::move(*reading);
  }
  create_schema(config_.path, options(OpenOptions::Mode::create));
  return open_and_read(look_at(config_.path));
}

// Nothing: it does not have the tables that `create` asks for.
std::optional<Reading> DatabaseReader::open_existing(const FileState& file) {
  try {
    db_.emplace(config_.path, options(OpenOptions::Mode::read));
    if (config_.create && !schema_version(*db_)) {
      db_.reset();
      return std::nullopt;
    }
    seen_version_ = db_->data_version();
    if (!file.same_file(look_at(config_.path))) throw Failure(config_.path + ": was replaced while it was opened");
    opened_ = file;
    return read_all(*db_);
  } catch (const SqlError& error) {
    const bool may_not_write = error.code() == SQLITE_READONLY || error.code() == SQLITE_CANTOPEN;
    std::string why_not;
    if (!may_not_write || file.has_wal || !may_read(config_.path, why_not)) throw;
  }
  db_.reset();
  return read_unchanging(file);
}

// A database with an empty write-ahead log, in a folder where the log's index may not be made. As long as there is no
// log, nobody writes, and the file can be read as it is.
Reading DatabaseReader::read_unchanging(const FileState& file) {
  Database db(config_.path, options(OpenOptions::Mode::read_unchanging));
  Reading reading = read_all(db);
  if (look_at(config_.path) != file) throw Failure(config_.path + ": was changed while it was read");
  if (is_settled(file)) unchanged_ = file;
  return reading;
}

Reading DatabaseReader::read_all(Database& db) {
  db.restart_clock();
  RowLimit limit(config_.max_rows);
  Transaction snapshot(db, Transaction::Kind::read);
  Reading reading;
  const Revision before = revision_;
  const std::optional<std::int64_t> version = schema_version(db);
  if (version && *version != kSchemaVersion) throw Failure(newer_schema_text(config_.path, *version));
  try {
    if (version) {
      reading.own = read_own(db, limit);
    } else if (had_own_) {
      reading.own.emplace().whole = true;
    }
    reading.table = read_foreign(db, version.has_value(), limit);
  } catch (...) {
    revision_ = before;
    throw;
  }
  had_own_ = version.has_value();
  told_missing_ = false;
  return reading;
}

DatabaseReader::Revision DatabaseReader::last_revision(Database& db) const {
  Statement last(db, "SELECT revision, token FROM changes ORDER BY revision DESC LIMIT 1");
  if (!last.step()) return {};
  return {last.number(0), last.text(1)};
}

std::optional<Part> DatabaseReader::read_own(Database& db, RowLimit& limit) {
  const Revision last = last_revision(db);
  bool follows = false;
  if (revision_.number > 0) {
    Statement known(db, "SELECT 1 FROM changes WHERE revision = ? AND token = ?");
    follows = known.bind(1, revision_.number).bind(2, revision_.token).step();
  }
  if (follows && had_own_) {
    if (last.number == revision_.number) return std::nullopt;
    Statement changed(db, "SELECT DISTINCT service FROM changes WHERE revision > ? LIMIT ?");
    changed.bind(1, revision_.number).bind(2, std::int64_t{kMostSingleReads} + 1);
    std::vector<std::string> names;
    while (changed.step()) names.push_back(changed.text(0));
    if (names.size() <= kMostSingleReads) {
      Part part = read_services(db, names, limit);
      revision_ = last;
      return part;
    }
  }
  Part part = read_services(db, limit);
  revision_ = last;
  return part;
}

std::optional<Part> DatabaseReader::read_foreign(Database& db, bool has_own, RowLimit& limit) {
  const bool listed = !config_.list_sql.empty();
  const bool there = listed || has_table(db, config_.table);
  if (!there) {
    // Where services are only queried for by name there is nothing to list.
    if (!has_own && config_.query_sql.empty()) throw Failure(no_table_text(config_));
    if (!had_table_) return std::nullopt;
    had_table_ = false;
    Part part;
    part.whole = true;
    return part;
  }
  Part part;
  part.whole = true;
  if (listed || config_.query_sql.empty()) {
    const std::string sql = listed ? config_.list_sql
                                   : "SELECT name, description, protocol, version, endpoint, enabled, tags FROM " +
                                         quoted_identifier(config_.table);
    const auto select = prepared(db, sql, listed ? "list-sql" : config_.table);
    if (listed && (!select->only_reads() || select->has_tail() || select->parameters() != 0)) {
      throw Failure(config_.path + ": list-sql has to be one SELECT without parameters");
    }
    read_table(*select, listed ? "list-sql" : config_.table, part, limit);
  } else {
    query_each(db, part, limit);
  }
  had_table_ = true;
  return part;
}

// Only query-sql knows which rows count and what they hold; the table gives the names to ask for.
void DatabaseReader::query_each(Database& db, Part& part, RowLimit& limit) const {
  Statement names(db, "SELECT name FROM " + quoted_identifier(config_.table));
  while (names.step()) {
    limit.count();
    const Cell name = names.cell(0);
    if (name.kind != Cell::Kind::text || name.text.empty() || part.rows.count(std::string(name.text))) continue;
    if (auto row = query_one(db, std::string(name.text))) part.rows.emplace(row->name, std::move(*row));
  }
}

std::optional<ServiceRow> DatabaseReader::query_one(Database& db, const std::string& name) const {
  const auto select = prepared(db, config_.query_sql, "query-sql");
  if (!select->only_reads() || select->has_tail() || select->parameters() != 1) {
    throw Failure(config_.path + ": query-sql has to be one SELECT with one parameter, the name");
  }
  select->bind(1, name);
  Part part;
  RowLimit limit(1000);
  read_table(*select, "query-sql", part, limit);
  const auto found = part.rows.find(name);
  if (found == part.rows.end()) return std::nullopt;
  return std::move(found->second);
}

std::optional<ServiceRow> DatabaseReader::query(const std::string& name) {
  try {
    if (db_) {
      db_->restart_clock();
      return query_one(*db_, name);
    }
    const FileState file = look_at(config_.path);
    if (!file.exists || file.has_wal) return std::nullopt;
    Database db(config_.path, options(OpenOptions::Mode::read_unchanging));
    std::optional<ServiceRow> row = query_one(db, name);
    if (look_at(config_.path) != file) throw Failure(config_.path + ": was changed while it was read");
    return row;
  } catch (const SqlError& error) {
    fail(error);
  }
}

}  // namespace mcpr::sqlite
