// Changes to a database, inside of the caller's transaction. What cannot be done throws EditError.
#pragma once

#include <stdexcept>
#include <string>

#include "database.hpp"
#include "rows.hpp"

namespace mcpr::sqlite {

class EditError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The tables that a service may be in: the router's own, and the one that the configuration names.
struct Tables {
  bool own = false;
  bool foreign = false;
  std::string foreign_name;
};

void add_service(Database& db, const ServiceRow& row, bool replace);
void add_instance(Database& db, const std::string& service, const InstanceRow& row);
// The instances are told apart by their address, however that was written.
void remove_instance(Database& db, const std::string& service, const std::string& url);
void remove_service(Database& db, const Tables& tables, const std::string& name);
void enable_service(Database& db, const Tables& tables, const std::string& name, bool on);

}  // namespace mcpr::sqlite
