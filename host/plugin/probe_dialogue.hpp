// What a probe and its parent tell each other, without I/O. The probe writes lines of JSON: what it is about to do, the
// plugin's manifest, the verdict. After the manifest it is told the configurations to try.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugin/info.hpp"

namespace mcpr::plugin {

// A source that would use the plugin.
struct ProbeSource {
  std::string name;
  std::string config;  // JSON object
};

struct ProbeResult {
  std::string reason;  // why the plugin must not be loaded; empty: it may
  bool stays = false;  // it says that it can be unmapped, and the probe found that it cannot
  std::string note;    // why it stays
};

// ---- as the probe says it: one line each, with its end ----

std::string probe_says_step(std::string_view step);  // "loaded", "created for the source \"x\""
std::string probe_says_manifest(const PluginInfo& info);
std::string probe_says_refused(std::string_view reason);
std::string probe_says_good(bool stays, std::string_view note);
// What the probe is told. False: that is no such line.
bool read_probe_sources(std::string_view line, std::vector<ProbeSource>& out);

// ---- the parent's side ----

class ProbeDialogue {
 public:
  void take(std::string_view bytes);         // of the report
  void take_output(std::string_view bytes);  // what the plugin has printed

  bool has_manifest() const { return has_manifest_; }
  const PluginInfo& manifest() const { return manifest_; }
  static std::string answer(std::span<const ProbeSource> sources);  // a line to write

  ProbeResult ended(int wait_status) const;
  ProbeResult overdue(std::chrono::milliseconds limit) const;

 private:
  void line(std::string_view text);
  std::string where() const;

  std::string partial_;
  std::string step_;
  std::string output_;  // its last part
  PluginInfo manifest_;
  bool has_manifest_ = false;
  bool has_verdict_ = false;
  ProbeResult verdict_;
};

}  // namespace mcpr::plugin
