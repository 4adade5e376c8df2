#include "edit.hpp"

#include <mcpr/url.hpp>

#include "row_service.hpp"

namespace mcpr::sqlite {
namespace {

void bind(Statement& statement, int parameter, const Text& text) {
  text ? statement.bind(parameter, *text) : statement.bind_null(parameter);
}

bool changed_any(Database& db) { return sqlite3_changes64(db.handle()) > 0; }

bool has_service(Database& db, const std::string& name) {
  Statement find(db, "SELECT 1 FROM services WHERE name = ?");
  return find.bind(1, name).step();
}

ServiceRow read_service_row(Database& db, const std::string& name) {
  RowLimit limit(100'000);
  Part part = read_services(db, {name}, limit);
  if (part.rows.empty()) throw EditError("there is no service '" + name + "' in the router's own tables");
  return std::move(part.rows.begin()->second);
}

// What the router calls an instance by: its address. Empty where the row cannot be used.
std::string address_of(const ServiceRow& service, const InstanceRow& instance) {
  ServiceRow alone = service;
  alone.endpoint.reset();
  alone.options.reset();
  alone.instances = {instance};
  const Entry entry = to_service(alone, {});
  return entry.service.instances.empty() ? std::string() : entry.service.instances.front().id;
}

void insert_instance(Database& db, const std::string& service, const InstanceRow& row) {
  Statement insert(db, "INSERT INTO instances (service, url, weight, enabled, zone) VALUES (?, ?, ?, ?, ?)");
  insert.bind(1, service);
  bind(insert, 2, row.url);
  bind(insert, 3, row.weight);
  bind(insert, 4, row.enabled);
  bind(insert, 5, row.zone.value_or(""));
  insert.run();
}

}  // namespace

void add_service(Database& db, const ServiceRow& row, bool replace) {
  if (has_service(db, row.name)) {
    if (!replace) {
      throw EditError("there is a service '" + row.name + "' already; --replace puts this one in its place, and " +
                      "`services add-instance` adds to it");
    }
    Statement(db, "DELETE FROM services WHERE name = ?").bind(1, row.name).run();
  }
  Statement insert(db,
                   "INSERT INTO services (name, description, version, protocol, endpoint, tags, enabled, metadata, "
                   "options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, row.name);
  int parameter = 2;
  for (const Text* text : {&row.description, &row.version, &row.protocol}) {
    insert.bind(parameter++, text->value_or(""));
  }
  bind(insert, 5, row.endpoint);
  insert.bind(6, row.tags.value_or(""));
  insert.bind(7, std::int64_t{row.enabled == "0" ? 0 : 1});
  bind(insert, 8, row.metadata);
  bind(insert, 9, row.options);
  insert.run();
  for (const InstanceRow& instance : row.instances) insert_instance(db, row.name, instance);
}

void add_instance(Database& db, const std::string& service, const InstanceRow& row) {
  const ServiceRow before = read_service_row(db, service);
  ServiceRow alone = before;
  alone.options.reset();
  alone.instances = {row};
  if (const Entry entry = to_service(alone, {}); !entry.notes.empty()) throw EditError(entry.notes.front());
  const std::string address = address_of(before, row);
  for (const InstanceRow& known : before.instances) {
    if (address_of(before, known) == address) throw EditError("service '" + service + "' has the instance " + address);
  }
  insert_instance(db, service, row);
}

void remove_instance(Database& db, const std::string& service, const std::string& url) {
  const ServiceRow before = read_service_row(db, service);
  InstanceRow wanted;
  wanted.url = url;
  const std::string address = address_of(before, wanted);
  bool found = false;
  for (const InstanceRow& known : before.instances) {
    if (known.url != url && (address.empty() || address_of(before, known) != address)) continue;
    Statement(db, "DELETE FROM instances WHERE id = ?").bind(1, known.id).run();
    found = true;
  }
  if (!found) throw EditError("service '" + service + "' has no instance " + url);
}

void remove_service(Database& db, const Tables& tables, const std::string& name) {
  bool found = false;
  // From both: else the other table's service of that name would take the place of the one removed.
  for (const std::string& table :
       {tables.own ? std::string("services") : "", tables.foreign ? tables.foreign_name : ""}) {
    if (table.empty()) continue;
    Statement(db, "DELETE FROM " + quoted_identifier(table) + " WHERE name = ?").bind(1, name).run();
    found = changed_any(db) || found;
  }
  if (!found) throw EditError("there is no service '" + name + "'");
}

void enable_service(Database& db, const Tables& tables, const std::string& name, bool on) {
  for (const std::string& table :
       {tables.own ? std::string("services") : "", tables.foreign ? tables.foreign_name : ""}) {
    if (table.empty()) continue;
    Statement(db, "UPDATE " + quoted_identifier(table) + " SET enabled = ? WHERE name = ?")
        .bind(1, std::int64_t{on})
        .bind(2, name)
        .run();
    if (changed_any(db)) return;  // the first one is the one that is used
  }
  throw EditError("there is no service '" + name + "'");
}

}  // namespace mcpr::sqlite
