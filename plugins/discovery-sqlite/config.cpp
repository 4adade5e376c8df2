#include "config.hpp"

#include <array>
#include <charconv>
#include <filesystem>

#include "fields.hpp"

namespace mcpr::sqlite {
namespace {

using reader::Fields;
using reader::Node;

constexpr const char* kDefaultPath = "mcp-router.db";

// Of a pool of connections to a database server.
constexpr std::array kMeaningless = std::to_array<std::string_view>(
    {"username", "password", "driver-class-name", "max-pool-size", "min-idle", "connection-timeout"});

constexpr std::array kKeys =
    std::to_array<std::string_view>({"enabled", "path", "url", "create", "table-name", "query-sql", "list-sql", "poll",
                                     "busy-timeout", "read-timeout", "max-rows", "base-dir", "username", "password",
                                     "driver-class-name", "max-pool-size", "min-idle", "connection-timeout"});

class ConfigReader {
 public:
  ConfigReader(const Node& root, Config& out) : out_(out), keys_(fields_.keys(root, {}, kKeys)) {}

  void run() {
    if (const Node* n = node("enabled")) fields_.flag(*n, "enabled", out_.enabled);
    if (const Node* n = node("create")) fields_.flag(*n, "create", out_.create);
    text("base-dir", base_dir_);
    text("query-sql", out_.query_sql);
    text("list-sql", out_.list_sql);
    text("table-name", out_.table);
    if (out_.table.empty() || out_.table.find('\0') != std::string::npos) fail("table-name: is no name of a table");
    time("poll", out_.poll);
    time("busy-timeout", out_.busy_timeout);
    time("read-timeout", out_.read_timeout);
    rows();
    place();
    for (std::string_view key : kMeaningless) {
      if (keys_.count(std::string(key))) out_.ignored.emplace_back(key);
    }
  }

  std::string errors() const {
    std::string all;
    for (const reader::Issue& issue : reading_.errors) all += (all.empty() ? "" : "; ") + issue.text;
    return all;
  }

 private:
  const Node* node(const std::string& key) const {
    const auto at = keys_.find(key);
    return at == keys_.end() ? nullptr : &at->second->value;
  }
  void fail(std::string_view text) { fields_.fail({}, text); }
  void text(const char* key, std::string& to) {
    if (const Node* n = node(key)) fields_.text(*n, key, to);
  }
  void time(const char* key, std::chrono::milliseconds& to) {
    std::uint64_t ms = 0;
    if (const Node* n = node(key); n && fields_.duration_ms(*n, key, ms)) to = std::chrono::milliseconds(ms);
  }
  void rows() {
    std::string value;
    text("max-rows", value);
    if (value.empty()) return;
    const char* end = value.data() + value.size();
    const auto [stop, failed] = std::from_chars(value.data(), end, out_.max_rows);
    if (failed != std::errc{} || stop != end || out_.max_rows == 0) {
      fail("max-rows: '" + value + "' is not a number from 1");
    }
  }

  void place() {
    std::string path, url;
    text("path", path);
    text("url", url);
    // What is switched off may stay as it was written for another program.
    if (!url.empty() && out_.enabled) {
      std::string from_url = path_of(url);
      if (!path.empty() && !from_url.empty() && path != from_url) {
        fail("path and url name different files: leave one out");
      }
      path = std::move(from_url);
    }
    if (path == ":memory:" || path.starts_with("file:") || path.find('\0') != std::string::npos) {
      return fail("path: '" + path + "' is not the path of a file");
    }
    out_.path_is_default = path.empty();
    if (path.empty()) path = kDefaultPath;
    std::filesystem::path file(path);
    if (file.is_relative() && !base_dir_.empty()) file = std::filesystem::path(base_dir_) / file;
    out_.path = std::filesystem::absolute(file).lexically_normal().string();
  }

  // jdbc:sqlite:PATH, as Java programs write it, with their driver's settings behind a '?'.
  std::string path_of(const std::string& url) {
    constexpr std::string_view kPrefix = "jdbc:sqlite:";
    if (url.starts_with(kPrefix)) {
      std::string path = url.substr(kPrefix.size());
      path.resize(std::min(path.find('?'), path.size()));
      if (path.empty()) fail("url: jdbc:sqlite: is followed by no path");
      return path;
    }
    if (url.starts_with("jdbc:")) {
      const std::string server = url.substr(0, std::min(url.find(':', 5), url.size()));
      fail("url: " + server +
           " is a database server, and this source reads SQLite files. Copy the table into one: "
           "mysql -BN -e 'SELECT name,description,protocol,version,endpoint,enabled,tags FROM " +
           out_.table +
           "' DATABASE > services.tsv, then `mcp-router services import services.tsv`; and put the file's path into "
           "`path`");
      return {};
    }
    fail("url: expected jdbc:sqlite:PATH; a path itself stands in `path`");
    return {};
  }

  Config& out_;
  reader::Reading reading_;
  reader::Context context_;
  Fields fields_{context_, reader::Dialect::replaced, {}, reading_};
  Fields::Keys keys_;
  std::string base_dir_;
};

}  // namespace

bool read_config(std::string_view json, Config& out, std::string& error) {
  Node root;
  reader::SyntaxError syntax;
  if (!parse_json(json.empty() ? "{}" : json, root, syntax)) {
    error = "the configuration is " + syntax.text;
    return false;
  }
  Config config;
  ConfigReader reader(root, config);
  reader.run();
  error = reader.errors();
  if (!error.empty()) return false;
  out = std::move(config);
  return true;
}

}  // namespace mcpr::sqlite
