// Rows of a database's tables as plain values, before anything is made of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database.hpp"

namespace mcpr::sqlite {

using Text = std::optional<std::string>;  // nothing: NULL

struct InstanceRow {
  std::int64_t id = 0;  // 0: not stored yet
  Text url, host, port, path, tls, transport, weight, enabled, zone, metadata;
  std::string invalid;  // why a cell of it is no text; empty: all are
  bool operator==(const InstanceRow&) const = default;
};

struct ServiceRow {
  std::string name;
  Text description, version, protocol, endpoint, tags, enabled, metadata, options;
  std::vector<InstanceRow> instances;
  bool has_instances = false;  // of the schema with a table of instances
  std::string invalid;
  bool operator==(const ServiceRow&) const = default;
};

// Some of a table's services, or all of them.
struct Part {
  bool whole = false;
  std::map<std::string, ServiceRow> rows;
  std::vector<std::string> gone;   // asked for and not there; empty where whole
  std::vector<std::string> notes;  // rows without a usable name, names given twice
};

// Counts rows and throws SqlError(SQLITE_FULL) beyond the limit.
class RowLimit {
 public:
  explicit RowLimit(std::size_t most) : most_(most) {}
  void count();

 private:
  std::size_t most_;
  std::size_t rows_ = 0;
};

// The router's own schema: everything, or these names.
Part read_services(Database& db, RowLimit& limit);
Part read_services(Database& db, const std::vector<std::string>& names, RowLimit& limit);

// What a SELECT of the columns name, description, protocol, version, endpoint, enabled and tags gives; name and
// endpoint must be among them. `what` is named in errors.
void read_table(Statement& select, std::string_view what, Part& part, RowLimit& limit);

}  // namespace mcpr::sqlite
