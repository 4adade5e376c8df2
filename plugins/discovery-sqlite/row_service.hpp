// From a row to a service, by the rules of the file source. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "rows.hpp"
#include "service.hpp"

namespace mcpr::sqlite {

struct Entry {
  reader::Service service;         // with the reason in `unroutable` where the row is faulty
  std::vector<std::string> notes;  // what is wrong with it and with those of its instances that are left out
};

// `folder` is what a relative ca-file starts from. Never fails: a faulty row gives a service that says why it cannot be
// called, and a faulty instance is left out.
Entry to_service(const ServiceRow& row, const std::string& folder);

}  // namespace mcpr::sqlite
