#include "rows.hpp"

#include <algorithm>

namespace mcpr::sqlite {
namespace {

constexpr std::size_t kLongestText = 1 << 20;

constexpr const char* kServiceColumns =
    "SELECT name, description, version, protocol, endpoint, tags, enabled, metadata, options FROM services";
constexpr const char* kInstanceColumns =
    "SELECT service, id, url, host, port, path, tls, transport, weight, enabled, zone, metadata FROM instances";

// No overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(i);
    const std::size_t more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : 3;
    if (lead >= 0x80 && (lead < 0xc2 || lead > 0xf4)) return false;
    if (i + more >= text.size()) return false;
    for (std::size_t n = 1; n <= more; ++n) {
      if ((byte(i + n) & 0xc0) != 0x80) return false;
    }
    if (lead == 0xe0 && byte(i + 1) < 0xa0) return false;
    if (lead == 0xed && byte(i + 1) > 0x9f) return false;
    if (lead == 0xf0 && byte(i + 1) < 0x90) return false;
    if (lead == 0xf4 && byte(i + 1) > 0x8f) return false;
    i += more + 1;
  }
  return true;
}

// The cell's text. What cannot be one is said in `invalid`.
Text text_of(const Statement& row, int column, std::string& invalid) {
  const Cell cell = row.cell(column);
  if (cell.kind == Cell::Kind::null) return std::nullopt;
  const char* wrong = nullptr;
  if (cell.kind == Cell::Kind::blob) wrong = "is a BLOB, not text";
  if (cell.text.size() > kLongestText) wrong = "is longer than 1 MiB";
  if (!wrong && !is_utf8(cell.text)) wrong = "is not UTF-8 text";
  if (!wrong) return std::string(cell.text);
  if (invalid.empty()) invalid = std::string(row.column_name(column)) + ": " + wrong;
  return std::nullopt;
}

ServiceRow service_of(const Statement& row) {
  ServiceRow service;
  service.has_instances = true;
  std::string& invalid = service.invalid;
  service.name = text_of(row, 0, invalid).value_or("");
  service.description = text_of(row, 1, invalid);
  service.version = text_of(row, 2, invalid);
  service.protocol = text_of(row, 3, invalid);
  service.endpoint = text_of(row, 4, invalid);
  service.tags = text_of(row, 5, invalid);
  service.enabled = text_of(row, 6, invalid);
  service.metadata = text_of(row, 7, invalid);
  service.options = text_of(row, 8, invalid);
  return service;
}

InstanceRow instance_of(const Statement& row) {
  InstanceRow instance;
  instance.id = row.number(1);
  std::string& invalid = instance.invalid;
  instance.url = text_of(row, 2, invalid);
  instance.host = text_of(row, 3, invalid);
  instance.port = text_of(row, 4, invalid);
  instance.path = text_of(row, 5, invalid);
  instance.tls = text_of(row, 6, invalid);
  instance.transport = text_of(row, 7, invalid);
  instance.weight = text_of(row, 8, invalid);
  instance.enabled = text_of(row, 9, invalid);
  instance.zone = text_of(row, 10, invalid);
  instance.metadata = text_of(row, 11, invalid);
  return instance;
}

void add(Part& part, ServiceRow row, std::string_view table) {
  if (row.name.empty()) {
    part.notes.push_back(std::string(table) + ": a row has no usable name" +
                         (row.invalid.empty() ? "" : " (" + row.invalid + ")"));
    return;
  }
  const std::string name = row.name;
  if (!part.rows.try_emplace(name, std::move(row)).second) {
    part.notes.push_back(std::string(table) + ": '" + name + "' is given twice; the first row is used");
  }
}

void add_instances(Statement& select, Part& part, RowLimit& limit) {
  while (select.step()) {
    limit.count();
    const auto at = part.rows.find(select.text(0));
    if (at == part.rows.end()) {
      part.notes.push_back("instances: row " + std::to_string(select.number(1)) + " belongs to no service");
    } else {
      at->second.instances.push_back(instance_of(select));
    }
  }
}

// Where each column that we know stands in a result; -1: not among them.
struct Columns {
  int name = -1, description = -1, protocol = -1, version = -1, endpoint = -1, enabled = -1, tags = -1;
};

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

Columns columns_of(const Statement& select, std::string_view what) {
  Columns columns;
  for (int i = 0; i < select.columns(); ++i) {
    const std::string_view name = select.column_name(i);
    for (const auto& [known, column] : {std::pair<std::string_view, int*>{"name", &columns.name},
                                        {"description", &columns.description},
                                        {"protocol", &columns.protocol},
                                        {"version", &columns.version},
                                        {"endpoint", &columns.endpoint},
                                        {"enabled", &columns.enabled},
                                        {"tags", &columns.tags}}) {
      if (*column < 0 && same_word(name, known)) *column = i;
    }
  }
  const char* missing = columns.name < 0 ? "name" : columns.endpoint < 0 ? "endpoint" : nullptr;
  if (missing) throw SqlError(SQLITE_ERROR, std::string(what) + ": the result has no column '" + missing + "'");
  return columns;
}

}  // namespace

void RowLimit::count() {
  if (++rows_ > most_) throw SqlError(SQLITE_FULL, "more than " + std::to_string(most_) + " rows (max-rows)");
}

Part read_services(Database& db, RowLimit& limit) {
  Part part;
  part.whole = true;
  Statement services(db, kServiceColumns);
  while (services.step()) {
    limit.count();
    add(part, service_of(services), "services");
  }
  Statement instances(db, std::string(kInstanceColumns) + " ORDER BY service, id");
  add_instances(instances, part, limit);
  return part;
}

Part read_services(Database& db, const std::vector<std::string>& names, RowLimit& limit) {
  Part part;
  Statement services(db, std::string(kServiceColumns) + " WHERE name = ?");
  Statement instances(db, std::string(kInstanceColumns) + " WHERE service = ? ORDER BY id");
  for (const std::string& name : names) {
    services.bind(1, name);
    if (services.step()) {
      limit.count();
      add(part, service_of(services), "services");
      instances.bind(1, name);
      add_instances(instances, part, limit);
      instances.reset();
    } else {
      part.gone.push_back(name);
    }
    services.reset();
  }
  return part;
}

void read_table(Statement& select, std::string_view what, Part& part, RowLimit& limit) {
  const Columns columns = columns_of(select, what);
  while (select.step()) {
    limit.count();
    ServiceRow row;
    const auto text = [&](int column) { return column < 0 ? Text() : text_of(select, column, row.invalid); };
    row.name = text(columns.name).value_or("");
    row.description = text(columns.description);
    row.protocol = text(columns.protocol);
    row.version = text(columns.version);
    row.endpoint = text(columns.endpoint);
    row.tags = text(columns.tags);
    // NULL is not true, as in `WHERE enabled = true`.
    row.enabled = columns.enabled < 0 ? "1" : text(columns.enabled).value_or("0");
    add(part, std::move(row), what);
  }
}

}  // namespace mcpr::sqlite
