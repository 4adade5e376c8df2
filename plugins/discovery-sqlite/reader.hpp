// Reads a database again and again, and only what may have changed. Blocks: for a thread of the pool.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "config.hpp"
#include "database.hpp"
#include "file_state.hpp"
#include "rows.hpp"
#include "stop_signal.hpp"

namespace mcpr::sqlite {

// What is wrong with the database, for people: with its path and what helps.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A part that is not there has not changed since the last reading.
struct Reading {
  std::optional<Part> own;    // the router's own schema
  std::optional<Part> table;  // the table that the configuration names
  std::string hint;           // for the log, where there is nothing to read and that is no fault
};

// One thread at a time. Opens for reading only, and keeps the file open between readings.
class DatabaseReader {
 public:
  DatabaseReader(const Config& config, StopSignal& stop) : config_(config), stop_(stop) {}

  // Nothing: no commit was made since the last reading. Throws Failure; what was read before then still holds.
  std::optional<Reading> read();

  // Runs query-sql for one name.
  std::optional<ServiceRow> query(const std::string& name);

 private:
  struct Revision {
    std::int64_t number = 0;
    std::string token;
  };

  OpenOptions options(OpenOptions::Mode mode) const;
  std::optional<Reading> follow();
  Reading missing();
  Reading open_and_read(const FileState& file);
  std::optional<Reading> open_existing(const FileState& file);
  Reading read_unchanging(const FileState& file);
  Reading read_all(Database& db);
  std::optional<Part> read_own(Database& db, RowLimit& limit);
  Revision last_revision(Database& db) const;
  std::optional<Part> read_foreign(Database& db, bool has_own, RowLimit& limit);
  void query_each(Database& db, Part& part, RowLimit& limit) const;
  std::optional<ServiceRow> query_one(Database& db, const std::string& name) const;
  void close();
  [[noreturn]] void fail(const SqlError& error) const;

  const Config& config_;
  StopSignal& stop_;
  std::optional<Database> db_;
  FileState opened_;                    // what db_ is open on
  std::int64_t seen_version_ = 0;       // of db_
  std::optional<FileState> unchanged_;  // read as a file that nobody writes, and not open
  Revision revision_;                   // up to which the own schema was read
  bool had_own_ = false, had_table_ = false;
  bool told_missing_ = false;
};

}  // namespace mcpr::sqlite
