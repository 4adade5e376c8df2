// Tries a plugin out in a process of its own, so that one that crashes or hangs does so there.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/net/fd_watch.hpp"
#include "host/net/timer.hpp"
#include "host/plugin/file_check.hpp"
#include "host/plugin/probe_dialogue.hpp"

namespace mcpr::plugin {

struct ProbeOptions {
  std::filesystem::path program = "/proc/self/exe";  // run as `program --probe FILE`
  net::Millis limit{5'000};
};

// On one loop. Destroying it kills the process.
class Probe {
 public:
  using Configure = UniqueFunction<std::vector<ProbeSource>(const PluginInfo& manifest)>;
  using Done = UniqueFunction<void(ProbeResult)>;

  // Begins at once. `configure` is asked once for the sources that would use such a plugin; `done` is called once,
  // never inside the constructor, and may destroy the probe.
  Probe(net::Loop& loop, ProbeOptions options, std::filesystem::path copy, Configure configure, Done done);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  const PluginInfo& manifest() const { return dialogue_.manifest(); }  // as far as it was told

 private:
  std::string spawn();                                               // why it cannot be; empty: it runs
  bool read(int fd, void (ProbeDialogue::*take)(std::string_view));  // false: the end
  void on_report();
  void on_output();
  void on_input();
  void on_exit();
  void kill_group() const;
  void finish(ProbeResult result);

  net::Loop& loop_;
  const ProbeOptions options_;
  const std::filesystem::path copy_;
  Configure configure_;
  Done done_;
  ProbeDialogue dialogue_;
  pid_t pid_ = -1;
  OpenFile input_, report_, output_, exit_;  // the watches below go first
  std::string unsent_;
  std::unique_ptr<net::FdWatch> input_watch_, report_watch_, output_watch_, exit_watch_;
  const std::string problem_;  // of spawn()
  net::Timer limit_;
};

// The same where there is no loop yet; blocks.
ProbeResult probe_now(ProbeOptions options, const std::filesystem::path& copy, Probe::Configure configure);

}  // namespace mcpr::plugin
