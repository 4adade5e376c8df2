#include "load.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "read_file.hpp"

namespace mcpr::file {
namespace {

constexpr off_t kMaxBytes = 16 << 20;

struct Fd {
  int fd;
  explicit Fd(int f) : fd(f) {}
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
};

bool read_text(const std::string& path, std::string& out, std::string& error, bool& missing) {
  // O_NONBLOCK: a pipe in the file's place must not hold the thread.
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  missing = file.fd < 0 && (errno == ENOENT || errno == ENOTDIR);
  struct stat info{};
  if (file.fd < 0 || ::fstat(file.fd, &info) != 0) {
    error = std::string("cannot read the file: ") + std::strerror(errno);
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    error = "is not a plain file";
    return false;
  }
  std::string text;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(file.fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      error = std::string("cannot read the file: ") + std::strerror(errno);
      return false;
    }
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
    if (static_cast<off_t>(text.size()) > kMaxBytes) {
      error = "is larger than 16 MiB";
      return false;
    }
  }
  out = std::move(text);
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class Loader {
 public:
  Loader(const Environment& environment, Loaded& loaded) : environment_(environment), loaded_(loaded) {}

  void add(Reading reading) {
    for (Issue& note : reading.notes) loaded_.notes.push_back(std::move(note));
    if (!reading.errors.empty()) {
      for (Issue& error : reading.errors) loaded_.errors.push_back(std::move(error));
      return;
    }
    for (Found& found : reading.services) {
      const auto [at, first] = where_.try_emplace(found.service.name, found.where);
      if (first) {
        loaded_.services.push_back(std::move(found));
      } else {
        loaded_.notes.push_back({found.where, 0, 0,
                                 "service '" + found.service.name + "' is not used: it is given before, " +
                                     (at->second.empty() ? "in the router's configuration" : "at " + at->second)});
      }
    }
  }

  void inline_services(const Config& config) {
    Reading reading;
    const Context context{{}, config.base_dir, environment_};
    read_services(config.services, "services", context, reading);
    add(std::move(reading));
  }

  // A file that is gone between the listing of its folder and its reading is not missed.
  void file(const std::string& path, bool configured) {
    std::string text, error;
    bool missing = false;
    if (read_text(path, text, error, missing)) {
      add(read_file(text, Context{path, folder_of(path), environment_}));
    } else if (!missing) {
      loaded_.errors.push_back({path, 0, 0, error});
    } else if (configured) {
      loaded_.missing.push_back(path);
    }
  }

  void folder(const std::string& path) {
    std::vector<std::string> files;
    std::string error;
    bool missing = false;
    if (list_folder(path, files, error, missing)) {
      for (const std::string& name : files) file(name, false);
    } else if (missing) {
      loaded_.missing.push_back(path);
    } else {
      loaded_.errors.push_back({path, 0, 0, error});
    }
  }

 private:
  const Environment& environment_;
  Loaded& loaded_;
  std::map<std::string, std::string> where_;  // by service name
};

}  // namespace

Loaded load(const Config& config, const Environment& environment) {
  Loaded loaded;
  Loader loader(environment, loaded);
  loader.inline_services(config);
  for (const std::string& path : config.files) loader.file(path, true);
  for (const std::string& path : config.folders) loader.folder(path);
  for (const std::string& path : config.mcp_servers) loader.file(path, true);
  return loaded;
}

WatchPlan watch_plan(const Config& config) {
  WatchPlan plan;
  for (const std::string& path : config.files) plan_file(path, plan);
  for (const std::string& path : config.mcp_servers) plan_file(path, plan);
  for (const std::string& path : config.folders) {
    plan_folder(path, plan);
    std::vector<std::string> files;
    std::string error;
    bool missing = false;
    list_folder(path, files, error, missing);
    for (const std::string& file : files) plan_file(file, plan);
  }
  return plan;
}

}  // namespace mcpr::file
