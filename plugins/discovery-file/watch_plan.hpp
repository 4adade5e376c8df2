// Which directories have to be watched so that every change of some files is seen: also that one is renamed over, that
// a symbolic link on the way is swapped (Kubernetes does so with ..data), and that one appears which is not there yet.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::file {

struct WatchedDir {
  std::set<std::string> names;  // entries of the directory that matter
  bool any_name = false;        // all do
  bool contents = false;        // what is written to them matters, not only that they come and go
  bool operator==(const WatchedDir&) const = default;
};

using WatchPlan = std::map<std::string, WatchedDir>;  // by path, without symbolic links in it

// Adds what a file's path goes through, link by link. It need not exist.
void plan_file(std::string_view path, WatchPlan& plan);
// The same for a folder, all of whose entries matter.
void plan_folder(std::string_view path, WatchPlan& plan);

// The folder's *.yml, *.yaml and *.json, sorted by name; false where it cannot be read. Hidden ones are left out.
bool list_folder(const std::string& path, std::vector<std::string>& files, std::string& error, bool& missing);

}  // namespace mcpr::file
