#include "schema.hpp"

namespace mcpr::sqlite {
namespace {

// Triggers instead of foreign keys: they work in every client, whatever its settings are. `changes` tells a reader
// which services differ from what it has read; the token tells it that the log is still the one it knows, and not that
// of a backup that was put back.
constexpr std::string_view kSchema = R"(
CREATE TABLE schema_version (
  component TEXT PRIMARY KEY NOT NULL,
  version   INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO schema_version VALUES ('mcp-router', 1);

CREATE TABLE services (
  name        TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
  description TEXT NOT NULL DEFAULT '',
  version     TEXT NOT NULL DEFAULT '',
  protocol    TEXT NOT NULL DEFAULT '',
  endpoint    TEXT,
  tags        TEXT NOT NULL DEFAULT '',
  enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  metadata    TEXT,
  options     TEXT
) WITHOUT ROWID;

CREATE TABLE instances (
  id        INTEGER PRIMARY KEY,
  service   TEXT NOT NULL,
  url       TEXT,
  host      TEXT,
  port      INTEGER,
  path      TEXT,
  tls       INTEGER NOT NULL DEFAULT 0 CHECK (tls IN (0, 1)),
  transport TEXT NOT NULL DEFAULT '',
  weight    REAL NOT NULL DEFAULT 1 CHECK (weight >= 0),
  enabled   INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  zone      TEXT NOT NULL DEFAULT '',
  metadata  TEXT,
  CHECK ((url IS NULL) <> (host IS NULL))
);
CREATE INDEX instances_by_service ON instances (service, id);

CREATE TABLE changes (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  service  TEXT NOT NULL,
  token    TEXT NOT NULL DEFAULT (hex(randomblob(8)))
);
CREATE TRIGGER changes_keep_the_last AFTER INSERT ON changes BEGIN
  DELETE FROM changes WHERE revision <= NEW.revision - 10000;
END;

CREATE TRIGGER services_insert AFTER INSERT ON services BEGIN
  INSERT INTO changes (service) VALUES (NEW.name);
END;
CREATE TRIGGER services_update AFTER UPDATE ON services BEGIN
  INSERT INTO changes (service) VALUES (NEW.name);
END;
CREATE TRIGGER services_rename AFTER UPDATE OF name ON services WHEN OLD.name <> NEW.name BEGIN
  INSERT INTO changes (service) VALUES (OLD.name);
  UPDATE instances SET service = NEW.name WHERE service = OLD.name;
END;
CREATE TRIGGER services_delete AFTER DELETE ON services BEGIN
  INSERT INTO changes (service) VALUES (OLD.name);
  DELETE FROM instances WHERE service = OLD.name;
END;

CREATE TRIGGER instances_need_service BEFORE INSERT ON instances
WHEN NOT EXISTS (SELECT 1 FROM services WHERE name = NEW.service) BEGIN
  SELECT RAISE(ABORT, 'instances.service names no service');
END;
CREATE TRIGGER instances_keep_service BEFORE UPDATE OF service ON instances
WHEN NOT EXISTS (SELECT 1 FROM services WHERE name = NEW.service) BEGIN
  SELECT RAISE(ABORT, 'instances.service names no service');
END;
CREATE TRIGGER instances_replace BEFORE INSERT ON instances BEGIN
  INSERT INTO changes (service) SELECT service FROM instances WHERE id = NEW.id AND service <> NEW.service;
END;
CREATE TRIGGER instances_insert AFTER INSERT ON instances BEGIN
  INSERT INTO changes (service) VALUES (NEW.service);
END;
CREATE TRIGGER instances_update AFTER UPDATE ON instances BEGIN
  INSERT INTO changes (service) VALUES (NEW.service);
END;
CREATE TRIGGER instances_move AFTER UPDATE OF service ON instances WHEN OLD.service <> NEW.service BEGIN
  INSERT INTO changes (service) VALUES (OLD.service);
END;
CREATE TRIGGER instances_delete AFTER DELETE ON instances BEGIN
  INSERT INTO changes (service) VALUES (OLD.service);
END;
)";

bool is_empty(Database& db) {
  Statement any(db, "SELECT 1 FROM sqlite_schema LIMIT 1");
  return !any.step();
}

}  // namespace

std::string_view schema_sql() { return kSchema; }

bool has_table(Database& db, std::string_view name) {
  Statement find(db, "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?)");
  return find.bind(1, name).step();
}

std::optional<std::int64_t> schema_version(Database& db) {
  // Others have tables of that name as well.
  Statement is_ours(db,
                    "SELECT count(*) FROM pragma_table_info('schema_version') WHERE name IN ('component', 'version')");
  if (!is_ours.step() || is_ours.number(0) != 2) return std::nullopt;
  Statement find(db, "SELECT version FROM schema_version WHERE component = 'mcp-router'");
  if (!find.step()) return std::nullopt;
  return find.number(0);
}

void create_schema(const std::string& path, const OpenOptions& options) {
  Database db(path, options);
  // This cannot be done inside of a transaction. Somebody else's database keeps the mode that it has.
  if (is_empty(db)) db.execute("PRAGMA journal_mode = WAL");
  Transaction transaction(db, Transaction::Kind::write);
  if (!schema_version(db)) db.execute(std::string(kSchema));
  transaction.commit();
}

}  // namespace mcpr::sqlite
