#include "watch_plan.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <deque>
#include <filesystem>
#include <memory>

namespace mcpr::file {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own limit

std::deque<std::string> split(std::string_view path) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0 && path.substr(0, end) != ".") parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

std::string join(const std::string& folder, const std::string& name) {
  return folder == "/" ? "/" + name : folder + "/" + name;
}

// Walks the path, noting each entry that it goes through. Returns where it ends, or nothing where it does not exist.
std::string walk(std::string_view path, WatchPlan& plan) {
  std::string at = "/";
  std::deque<std::string> rest = split(path);
  if (path.empty() || path.front() != '/') {
    std::error_code failed;
    const std::filesystem::path here = std::filesystem::current_path(failed);
    if (!failed) at = here.string();
  }
  int links = 0;
  while (!rest.empty()) {
    const std::string name = std::move(rest.front());
    rest.pop_front();
    if (name == "..") {
      at.resize(std::max<std::size_t>(at.rfind('/'), 1));
      continue;
    }
    const std::string next = join(at, name);
    plan[at].names.insert(name);
    char target[PATH_MAX];
    const ssize_t length = ::readlink(next.c_str(), target, sizeof target);
    if (length >= 0) {
      if (++links > kMaxLinks) return {};
      const std::string_view text(target, static_cast<std::size_t>(length));
      const std::deque<std::string> parts = split(text);
      rest.insert(rest.begin(), parts.begin(), parts.end());
      if (text.starts_with('/')) at = "/";
      continue;
    }
    struct stat info{};
    if (::lstat(next.c_str(), &info) != 0) return {};
    at = next;
  }
  return at;
}

}  // namespace

void plan_file(std::string_view path, WatchPlan& plan) {
  const std::string end = walk(path, plan);
  if (end.size() < 2) return;
  const std::size_t slash = end.rfind('/');
  plan[slash == 0 ? "/" : end.substr(0, slash)].contents = true;
}

void plan_folder(std::string_view path, WatchPlan& plan) {
  const std::string end = walk(path, plan);
  if (end.empty()) return;
  plan[end].any_name = true;
  plan[end].contents = true;
}

bool list_folder(const std::string& path, std::vector<std::string>& files, std::string& error, bool& missing) {
  const auto close = [](DIR* dir) { ::closedir(dir); };
  const std::unique_ptr<DIR, decltype(close)> dir(::opendir(path.c_str()), close);
  missing = !dir && errno == ENOENT;
  if (!dir) {
    error = "cannot read the folder: " + std::string(std::strerror(errno));
    return false;
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    const bool ours = name.ends_with(".yml") || name.ends_with(".yaml") || name.ends_with(".json");
    if (ours && name.front() != '.') names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) files.push_back(path + "/" + name);
  return true;
}

}  // namespace mcpr::file
