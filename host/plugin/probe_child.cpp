#include "host/plugin/probe_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <mutex>
#include <utility>

#include "host/net/blocking_pool.hpp"
#include "host/net/timer.hpp"
#include "host/plugin/balancer.hpp"
#include "host/plugin/discovery_source.hpp"
#include "host/plugin/loaded_plugin.hpp"
#include "host/plugin/probe_dialogue.hpp"

namespace mcpr::plugin {

namespace {

// A probe that goes wrong leaves no core file and does not take the machine's memory with it.
void set_limits() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadow memory counts as data
  constexpr rlim_t kMostData = rlim_t{2} << 30;
  rlimit data{};
  ::getrlimit(RLIMIT_DATA, &data);
  data.rlim_cur = std::min(data.rlim_max, kMostData);
  ::setrlimit(RLIMIT_DATA, &data);
#endif
}

class Deaf final : public SourceListener {
  void on_service(const std::string&, catalog::Service) override {}
  void on_withdrawn(const std::string&, const std::string&) override {}
  void on_synced(const std::string&) override {}
  void on_health(const std::string&, Health, const std::string&) override {}
};

class Tryout {
 public:
  Tryout(int report, const char* version) : report_(report), services_(loop_, pool_, lent(version)) {}

  void run(const std::filesystem::path& file) {
    Candidate candidate;
    candidate.info.file = file;
    candidate.copy = PrivateCopy::of_another(file);
    step("loaded");
    PluginInfo info;
    plugin_ = LoadedPlugin::open(std::move(candidate), shelf_, info);
    if (!plugin_) return say(probe_says_refused(info.reason));
    say(probe_says_manifest(info));
    std::string line;
    std::getline(std::cin, line);
    if (!read_probe_sources(line, sources_)) return say(probe_says_refused("the probe was not told what to try"));
    loop_.post([this] { try_next(); });
    loop_.run();
    pool_.stop();
    say(verdict_);
  }

 private:
  HostServices::Options lent(const char* version) {
    HostServices::Options out;
    out.log = [this](int, const std::string& source, std::string_view text) {
      const std::lock_guard lock(mutex_);
      said_ = text;
      std::cerr << source << ": " << text << std::endl;
    };
    out.version = version;
    return out;
  }

  void step(const std::string& what) { say(probe_says_step(what)); }

  void say(std::string_view line) const {
    while (!line.empty()) {
      const ssize_t written = ::write(report_, line.data(), line.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) ::_exit(3);  // nobody listens
      line.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void try_next() {
    if (!plugin_->discovery() || tried_ == sources_.size()) return try_balancer();
    const ProbeSource& at = sources_[tried_++];
    step("created for the source \"" + at.name + "\"");
    source_ = std::make_unique<DiscoverySource>(plugin_, at.name, services_, deaf_);
    std::string error;
    if (!source_->try_create(at.config, error)) {
      return end(probe_says_refused("source \"" + at.name + "\" cannot be made: " + error));
    }
    step("destroyed again");
    source_->stop([this](const std::string& problem) {
      if (!problem.empty()) return end(probe_says_refused(problem));
      loop_.post([this] { try_next(); });
    });
  }

  void try_balancer() {
    source_.reset();
    if (plugin_->balancer()) {
      if (const std::string reason = pick_some(); !reason.empty()) return end(probe_says_refused(reason));
    }
    watched_ = plugin_;
    plugin_.reset();
    step("destroyed again");
    wait_until_unused();
  }

  std::string pick_some() {
    step("created as a balancer");
    std::string error;
    const auto balancer = Balancer::create(plugin_, services_, "{}", error);
    if (!balancer) return error;
    const Peer peers[] = {{1, 1000, "", nullptr}, {2, 1000, "", nullptr}};
    step("asked for a balancer's table");
    const auto table = balancer->build(peers, nullptr, 0);
    if (!table) return "its balancer builds no table for two instances: " + said_;
    step("asked to pick an instance");
    for (std::uint64_t i = 0; i < 8; ++i) {
      if (table->pick(nullptr, i, i * 0x9e3779b97f4a7c15ull, 0) == kNone)
        return "its balancer picks none of two instances";
    }
    const std::uint64_t tried = 1;
    if (table->pick(&tried, 0, 0, 1) != 1) return "its balancer does not pick the one instance that was not tried";
    return {};
  }

  // Its instances are destroyed by tasks of the loop.
  void wait_until_unused() {
    if (!watched_.expired()) return again_.arm(net::Millis(1));
    step("unmapped");
    const std::vector<PluginInfo> cleared = shelf_->clear();
    const PluginInfo& info = cleared.front();
    const bool stays = info.unloadable && info.state != PluginState::unmapped;
    end(probe_says_good(stays, stays ? info.reason : ""));
  }

  void end(std::string verdict) {
    verdict_ = std::move(verdict);
    loop_.stop();
  }

  const int report_;
  std::mutex mutex_;
  std::string said_;  // the last line of the log
  net::Loop loop_;
  net::BlockingPool pool_{2};
  HostServices services_;
  Deaf deaf_;
  std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
  std::shared_ptr<const LoadedPlugin> plugin_;
  std::weak_ptr<const LoadedPlugin> watched_;
  std::unique_ptr<DiscoverySource> source_;
  std::vector<ProbeSource> sources_;
  std::size_t tried_ = 0;
  net::Timer again_{loop_, [this] { wait_until_unused(); }};
  std::string verdict_;
};

}  // namespace

int probe_file(const std::filesystem::path& file, const char* version) {
  set_limits();
  // What the plugin prints must not look like a report.
  const int report = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (report < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return 3;
  Tryout tryout(report, version);
  tryout.run(std::filesystem::absolute(file));
  // Threads of a plugin that was refused may still run.
  std::cout.flush();
  std::cerr.flush();
  ::_exit(0);
}

}  // namespace mcpr::plugin
