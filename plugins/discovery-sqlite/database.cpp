#include "database.hpp"

#include <algorithm>

namespace mcpr::sqlite {
namespace {

constexpr int kLongestValue = 16 << 20;  // bytes of a row or a text; anything longer is an error of SQLite's
constexpr int kStepsBetweenLooks = 20'000;

std::string uri_of(const std::string& path, bool unchanging) {
  std::string uri = "file:";
  for (char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri + (unchanging ? "?immutable=1" : "");
}

int flags_of(OpenOptions::Mode mode) {
  constexpr int kAlways = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case OpenOptions::Mode::create: return kAlways | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case OpenOptions::Mode::write: return kAlways | SQLITE_OPEN_READWRITE;
    default: return kAlways | SQLITE_OPEN_READONLY;
  }
}

}  // namespace

Database::Database(const std::string& path, const OpenOptions& options) : wait_(new Wait{options, {}, {}}) {
  restart_clock();
  sqlite3* db = nullptr;
  const bool unchanging = options.mode == OpenOptions::Mode::read_unchanging;
  const int code = sqlite3_open_v2(uri_of(path, unchanging).c_str(), &db, flags_of(options.mode), nullptr);
  db_.reset(db);
  if (!db) throw SqlError(SQLITE_NOMEM, "out of memory");
  check(code);
  sqlite3_busy_handler(db, &on_busy, wait_.get());
  // A database is data that somebody else has made: nothing in it may reach beyond it.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kLongestValue);
  execute("PRAGMA cell_size_check = ON");
  if (options.mode == OpenOptions::Mode::read || unchanging) {
    sqlite3_progress_handler(db, kStepsBetweenLooks, &on_progress, wait_.get());
  }
}

int Database::on_busy(void* wait, int count) {
  Wait& self = *static_cast<Wait*>(wait);
  const Clock::time_point now = Clock::now();
  if (count == 0) self.busy_since = now;
  if (now - self.busy_since >= self.options.busy_timeout) return 0;
  const std::chrono::milliseconds pause(std::clamp(count, 1, 20));
  StopSignal nobody;
  return (self.options.stop ? *self.options.stop : nobody).wait(pause) ? 0 : 1;
}

int Database::on_progress(void* wait) {
  const Wait& self = *static_cast<Wait*>(wait);
  if (self.options.stop && self.options.stop->is_set()) return 1;
  return Clock::now() - self.started > self.options.read_timeout ? 1 : 0;
}

void Database::check(int code) const {
  if (code == SQLITE_OK) return;
  throw SqlError(sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get()));
}

void Database::execute(const std::string& sql) {
  check(sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::data_version() {
  Statement statement(*this, "PRAGMA data_version");
  return statement.step() ? statement.number(0) : 0;
}

Statement::Statement(Database& db, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(db.handle(), sql.data(), static_cast<int>(sql.size()), &statement, &tail);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw SqlError(code, sqlite3_errmsg(db.handle()));
  if (!statement) throw SqlError(SQLITE_ERROR, "there is no statement in it");
  const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
  has_tail_ = rest.find_first_not_of(" \t\r\n;") != std::string_view::npos;
}

void Statement::check(int code) const {
  if (code == SQLITE_OK) return;
  throw SqlError(code, sqlite3_errmsg(sqlite3_db_handle(statement_.get())));
}

Statement& Statement::bind(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), parameter, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  check(sqlite3_bind_int64(statement_.get(), parameter, number));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(statement_.get(), parameter));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw SqlError(code, sqlite3_errmsg(sqlite3_db_handle(statement_.get())));
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

Cell Statement::cell(int column) const {
  sqlite3_stmt* statement = statement_.get();
  const int type = sqlite3_column_type(statement, column);
  if (type == SQLITE_NULL) return {};
  const Cell::Kind kind = type == SQLITE_BLOB ? Cell::Kind::blob : Cell::Kind::text;
  const void* bytes = kind == Cell::Kind::blob ? sqlite3_column_blob(statement, column)
                                               : static_cast<const void*>(sqlite3_column_text(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  if (!bytes && size > 0) throw SqlError(SQLITE_NOMEM, "out of memory");
  return {kind, bytes ? std::string_view(static_cast<const char*>(bytes), size) : std::string_view()};
}

Transaction::Transaction(Database& db, Kind kind) : db_(db) {
  db.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back already.
  if (db_.in_transaction()) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() { db_.execute("COMMIT"); }

std::string quoted_identifier(std::string_view name) {
  std::string out = "\"";
  for (char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace mcpr::sqlite
