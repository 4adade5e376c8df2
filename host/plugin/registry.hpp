// The plugins folder: which files are there, which versions of them are loaded, and who answers to which name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugin/info.hpp"
#include "host/plugin/loaded_plugin.hpp"

namespace mcpr::plugin {

// Used on one thread. A file has a version in service and, while a newer one takes over, that one as well; what was
// replaced is kept count of until it is unmapped.
class Registry {
 public:
  using PluginPtr = std::shared_ptr<const LoadedPlugin>;
  // Why a file that was examined should not be loaded; empty: nothing speaks against it.
  using Probe = std::function<std::string(const Candidate&)>;

  explicit Registry(LoadOptions options) : options_(std::move(options)) {}
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // At the start: loads every *.so of the folder that is not loaded, in the order of their names, and tries those again
  // that were refused; one whose library was already mapped only when its file has changed, since each try maps another
  // copy. One bad file keeps no other from loading. What is loaded stays, whatever happens to its file.
  void scan(const Probe& probe = {});
  // Why the folder could not be read at the last scan; empty: it could.
  const std::string& problem() const { return problem_; }

  // ---- while it runs ----

  const LoadOptions& options() const { return options_; }
  void set_strict(bool strict) { options_.strict = strict; }

  // The files that are known, each as it was when it was last looked at.
  std::map<std::filesystem::path, FileVersion> seen() const;
  // Files whose bytes are not in service and may be tried again though they have not changed.
  std::vector<std::filesystem::path> refused() const;

  // What examining a file has come to, before it is probed.
  enum class Verdict : std::uint8_t {
    same,     // the bytes that are in service: there is nothing to do
    refused,  // remembered with its reason; what is in service stays
    fresh     // may be loaded
  };
  struct Judgement {
    Verdict verdict;
    std::string reason;  // why it is refused
  };
  // most_retired: as many replaced versions may stay mapped; at the bound a further replacement is refused.
  Judgement judge(const Candidate& candidate, std::size_t most_retired);
  // Remembers why the bytes with that hash are not in service.
  void refuse(const std::filesystem::path& file, std::string reason);
  // Loads it. The newest version from here on, beside the one in service until settle(). Why it is refused; else empty.
  std::string adopt(Candidate candidate);
  // The newest version has come into service, or (with why it has not) is given up.
  void settle(const std::filesystem::path& file, const std::string& failure);
  // The file is gone: so is its plugin, once nobody uses it.
  void remove(const std::filesystem::path& file);
  // A file that is gone and whose plugin goes on for want of another.
  void keep_without_file(const std::filesystem::path& file, std::string reason);

  // Unmaps what nobody uses any more. Tells what became of it: state unmapped or retired.
  std::vector<PluginInfo> clear_shelf();
  // Called on any thread when clear_shelf() has something to do.
  void on_unused(std::function<void()> notify) { shelf_->on_put(std::move(notify)); }
  std::size_t retired() const;  // versions that are mapped and not the newest of their files

  // ---- what there is ----

  // For people, by file name: the version in service, why its replacement is not, and what was replaced and is mapped.
  struct File {
    PluginInfo info;
    std::string replacement;  // why the newest bytes are not in service, or that they are about to be; else empty
    bool failed = false;      // the replacement was refused or given up
    bool idle = false;        // no source uses it; only who runs the sources knows
    std::vector<PluginInfo> older;
  };
  std::vector<File> files() const;
  std::vector<PluginInfo> list() const;  // the versions in service, and what is refused

  std::vector<PluginPtr> newest() const;  // by file name
  PluginPtr find(std::string_view id_or_alias) const;
  PluginPtr newest_of(const std::filesystem::path& file) const;
  PluginPtr in_service(const std::filesystem::path& file) const;
  bool taking_over(const std::filesystem::path& file) const;
  // A plugin whose file was removed while the router ran: its configuration is still known.
  const PluginInfo* gone(std::string_view id_or_alias) const;
  std::vector<PluginInfo> gone() const;

 private:
  struct Entry {
    PluginInfo info;    // of serving; why it is refused where that is null
    PluginPtr serving;  // null: refused
    PluginPtr next;     // takes over; null: none
    std::string replacement;
    bool failed = false;
    FileVersion version;
  };
  void load(const std::filesystem::path& file, const Probe& probe);
  std::string name_taken(const PluginInfo& info) const;  // by another file; empty: none is
  void retire(PluginPtr& plugin);

  LoadOptions options_;
  std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
  std::map<std::filesystem::path, Entry> entries_;
  std::list<PluginInfo> old_;  // mapped and not the newest; by age
  std::map<std::string, PluginInfo, std::less<>> gone_;
  std::string problem_;
  bool cleaned_ = false;
};

}  // namespace mcpr::plugin
