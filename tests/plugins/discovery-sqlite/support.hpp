// What the tests of the SQLite source share: a folder of their own and databases in it.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "database.hpp"
#include "schema.hpp"

namespace mcpr::sqlite::test {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = "/tmp/mcpr-sqlite-test-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    ::chmod(path_.c_str(), 0755);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::filesystem::path path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline OpenOptions writer(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  return {OpenOptions::Mode::create, patience, {}, nullptr};
}

// As another process would: a connection of its own, closed again.
inline void sql(const std::string& path, const std::string& statements) {
  Database(path, writer()).execute(statements);
}

inline constexpr const char* kSeedTable =
    "CREATE TABLE mcp_server_info (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL UNIQUE, "
    "description TEXT, protocol VARCHAR(50), version VARCHAR(50), endpoint VARCHAR(255), enabled BOOLEAN DEFAULT TRUE, "
    "tags VARCHAR(255), created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT "
    "CURRENT_TIMESTAMP);";

inline void make_own(const std::string& path) { create_schema(path, writer()); }

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A user without any right, for as long as it lives; only where the tests run as root.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) throw std::runtime_error("seteuid");
  }
  ~AsNobody() {
    if (was_root_ && ::seteuid(0) != 0) ::_exit(99);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool was_root_;
};

}  // namespace mcpr::sqlite::test
