// The reader of databases: any bytes as a file give services or a failure with a text, within its limits.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "plugins/discovery-sqlite/mirror.hpp"
#include "plugins/discovery-sqlite/reader.hpp"
#include "tests/fuzz/check_reading.hpp"

namespace {

namespace fs = std::filesystem;

// One folder a process, removed at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "mcpr-fuzz-sqlite-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path() const { return path_; }

 private:
  fs::path path_;
};

void follow(mcpr::sqlite::Config config, const std::string& query) {
  config.query_sql = query;
  mcpr::sqlite::StopSignal stop;
  mcpr::sqlite::DatabaseReader reader(config, stop);
  mcpr::sqlite::Mirror mirror("/etc", config.table);
  try {
    if (const auto reading = reader.read()) {
      for (const auto& service : mirror.take(*reading).publish) mcpr::fuzz::check(service);
    }
    reader.query("weather");
  } catch (const mcpr::sqlite::Failure& failure) {
    mcpr::fuzz::require(std::string_view(failure.what()).starts_with(config.path), "failures name the file");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  mcpr::sqlite::Config config;
  config.path = (folder.path() / "x.db").string();
  config.busy_timeout = std::chrono::milliseconds(1);
  config.read_timeout = std::chrono::milliseconds(200);
  config.max_rows = 10'000;
  {
    std::ofstream file(config.path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  follow(config, "");
  follow(config, "SELECT name, endpoint, enabled FROM mcp_server_info WHERE name = ?");
  for (const auto& entry : fs::directory_iterator(folder.path())) fs::remove(entry.path());
  return 0;
}
