// SQLite's connections and statements as values that clean up after themselves. What fails throws SqlError.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "stop_signal.hpp"

namespace mcpr::sqlite {

class SqlError : public std::runtime_error {
 public:
  SqlError(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
  int code() const { return code_ & 0xff; }
  int extended() const { return code_; }

 private:
  int code_;
};

struct OpenOptions {
  enum class Mode { read, read_unchanging, write, create };
  Mode mode = Mode::read;  // read_unchanging: takes no lock and makes no file; only while nobody writes
  std::chrono::milliseconds busy_timeout{500};
  std::chrono::milliseconds read_timeout{10'000};  // from open or from restart_clock; only for what reads
  StopSignal* stop = nullptr;                      // ends waiting and reading at once
};

// One connection. One thread at a time.
class Database {
 public:
  Database(const std::string& path, const OpenOptions& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One or several statements whose results nobody wants.
  void execute(const std::string& sql);
  // Grows with every commit that was made through another connection.
  std::int64_t data_version();
  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  void restart_clock() { wait_->started = Clock::now(); }
  sqlite3* handle() const { return db_.get(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Wait {  // what the callbacks look at; its address stays
    OpenOptions options;
    Clock::time_point started;
    Clock::time_point busy_since;
  };
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  static int on_busy(void* wait, int count);
  static int on_progress(void* wait);
  void check(int code) const;

  std::unique_ptr<Wait> wait_;
  std::unique_ptr<sqlite3, Close> db_;
};

// A cell as it is stored. Numbers are texts; the view is valid until the next step.
struct Cell {
  enum class Kind { null, text, blob };
  Kind kind = Kind::null;
  std::string_view text;
};

class Statement {
 public:
  Statement(Database& db, std::string_view sql);  // the first statement of the text
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters and columns are counted from 1 and from 0, as SQLite does.
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind_null(int parameter);
  bool step();  // false: there are no more rows
  void run();   // to the end
  void reset();

  int parameters() const { return sqlite3_bind_parameter_count(statement_.get()); }
  int columns() const { return sqlite3_column_count(statement_.get()); }
  std::string_view column_name(int column) const { return sqlite3_column_name(statement_.get(), column); }
  bool only_reads() const { return sqlite3_stmt_readonly(statement_.get()) != 0; }
  bool has_tail() const { return has_tail_; }  // more than one statement was given
  Cell cell(int column) const;
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string text(int column) const { return std::string(cell(column).text); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  bool has_tail_ = false;
};

// Committed by commit(), else rolled back.
class Transaction {
 public:
  enum class Kind { read, write };
  Transaction(Database& db, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& db_;
};

// "name", with quotes inside doubled.
std::string quoted_identifier(std::string_view name);

}  // namespace mcpr::sqlite
