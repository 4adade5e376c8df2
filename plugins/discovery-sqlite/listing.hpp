// The services of a database, for people and for programs. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "row_service.hpp"

namespace mcpr::sqlite {

struct Listed {
  Entry entry;
  std::string table;
};

std::string list_text(const std::vector<Listed>& services);
std::string list_json(const std::vector<Listed>& services);  // never shows the values of headers

}  // namespace mcpr::sqlite
