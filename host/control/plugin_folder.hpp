// Keeps the plugins in step with their folder while the router runs: files that come, change and go. Control thread;
// files are read on the blocking pool and tried out in processes of their own, so that the control thread only loads
// what was found good.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/control/arrivals.hpp"
#include "host/control/folder_watch.hpp"
#include "host/control/probe_memory.hpp"
#include "host/net/blocking_pool.hpp"
#include "host/plugin/folder_list.hpp"
#include "host/plugin/probe.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::control {

struct PluginFolderOptions {
  bool probe = true;
  plugin::ProbeOptions prober;
  std::size_t max_retired = 16;
  bool strict = true;
};

// What the folder asks of the router around it.
struct PluginFolderHooks {
  // The sources that would use a plugin with this manifest, with their configurations.
  std::function<std::vector<plugin::ProbeSource>(const plugin::PluginInfo&)> sources_of;
  // Plugins have come, changed or gone: plan anew, then call planned(). claims: also what they take of the
  // configuration.
  std::function<void(bool claims)> changed;
  // How a new version fares: where nothing is pending, it is in use, not wanted, or has failed.
  struct Usage {
    std::size_t running = 0;
    std::size_t pending = 0;
    std::string failure;
  };
  std::function<Usage(const plugin::LoadedPlugin&)> usage;
  // Why this plugin must not go without a successor; empty: it may.
  std::function<std::string(const plugin::LoadedPlugin&)> needed;
  std::function<void()> status;  // what the registry tells people has changed
};

class PluginFolder {
 public:
  PluginFolder(net::Loop& loop, net::BlockingPool& pool, plugin::Registry& registry, PluginFolderOptions options,
               PluginFolderHooks hooks);
  ~PluginFolder();
  PluginFolder(const PluginFolder&) = delete;
  PluginFolder& operator=(const PluginFolder&) = delete;

  // For what is looked at from here on. What was refused is tried again.
  void set_options(PluginFolderOptions options);
  // Sources were planned anew, or a takeover has ended.
  void planned();

 private:
  enum class Phase : std::uint8_t { examining, probing, taking_over };
  // A file on its way into service. Until that has ended a newer one waits.
  struct Work {
    Phase phase = Phase::examining;
    bool again = false;  // the file has changed meanwhile
    plugin::Candidate candidate;
    std::vector<plugin::ProbeSource> sources;
    std::unique_ptr<plugin::Probe> probe;
  };
  using File = std::filesystem::path;

  void on_event(FolderWatch::Event event, const std::string& name);
  void look();
  void compare(const plugin::FolderList& folder);
  void begin(const File& file);
  void examined(const File& file, plugin::Candidate candidate);
  void probe(const File& file);
  void probed(const File& file, plugin::ProbeResult result);
  void adopt(const File& file);
  void evaluate(const File& file);
  void finish(const File& file);
  void gone(const File& file);
  void sweep();
  void refused(const File& file, const std::string& reason);
  template <class F>
  void on_control(F f);  // [any] runs it there, if this still exists

  net::Loop& loop_;
  net::BlockingPool& pool_;
  plugin::Registry& registry_;
  PluginFolderOptions options_;
  const PluginFolderHooks hooks_;
  ProbeMemory memory_;
  Arrivals arrivals_;
  net::Timer ripe_;
  std::map<File, Work> works_;
  std::set<File> kept_;               // whose file is gone and whose plugin is needed
  std::map<File, std::string> said_;  // the refusals that are in the log
  std::string problem_;
  bool looking_ = false, look_again_ = false, retry_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  FolderWatch watch_;
};

}  // namespace mcpr::control
