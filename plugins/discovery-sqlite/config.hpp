// The SQLite source's own configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::sqlite {

struct Config {
  bool enabled = true;
  std::string path;              // of the database, absolute
  bool path_is_default = false;  // nobody has named it: that it is missing is no fault
  bool create = false;           // makes the file and the router's schema where they are missing
  std::string table = "mcp_server_info";
  std::string query_sql;  // one service by its name; empty: the table is read
  std::string list_sql;   // all services; empty: the table is read
  std::chrono::milliseconds poll{250};
  std::chrono::milliseconds busy_timeout{500};
  std::chrono::milliseconds read_timeout{10'000};
  std::size_t max_rows = 500'000;
  std::vector<std::string> ignored;  // keys that are set and mean nothing here
};

// Reads the object that the router hands over; relative paths start at its `base-dir`. False with a text that names the
// key.
bool read_config(std::string_view json, Config& out, std::string& error);

}  // namespace mcpr::sqlite
