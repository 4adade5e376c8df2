#include "host/app/application.hpp"

#include <Poco/Util/ServerApplication.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <iostream>
#include <mutex>
#include <optional>

#include "host/app/daemon.hpp"
#include "host/app/life_cycle.hpp"
#include "host/app/loader.hpp"
#include "host/app/pidfile.hpp"
#include "host/app/signals.hpp"
#include "host/config/show.hpp"
#include "host/util/log.hpp"

namespace mcpr::app {

namespace {

constexpr std::string_view kComponent = "app";

// Poco's Application installs handlers that turn a segmentation fault into a jump; a fault has to stay one.
class KeepFaults {
 public:
  KeepFaults() {
    for (std::size_t i = 0; i < kFaults.size(); ++i) ::sigaction(kFaults[i], nullptr, &before_[i]);
  }
  ~KeepFaults() {
    for (std::size_t i = 0; i < kFaults.size(); ++i) ::sigaction(kFaults[i], &before_[i], nullptr);
  }
  KeepFaults(const KeepFaults&) = delete;
  KeepFaults& operator=(const KeepFaults&) = delete;

 private:
  static constexpr std::array<int, 4> kFaults{SIGILL, SIGBUS, SIGSEGV, SIGSYS};
  std::array<struct sigaction, 4> before_{};
};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Poco's frame around the router. Command line, daemon and pidfile are ours: Poco knows no --any.key=value, lets a
// daemon's parent end too early, changes the working directory under relative paths, and dies of SIGHUP.
class Application : public Poco::Util::ServerApplication, private Control {
 public:
  Application(const config::CommandLine& line, const Place& place, Runtime& runtime, const About& about, Daemon* daemon)
      : line_(line), place_(place), runtime_(runtime), about_(about), daemon_(daemon) {}

  const char* name() const override { return "mcp-router"; }

 protected:
  int main(const ArgVec&) override {
    try {
      Load loaded = load(line_, place_, runtime_);
      configuration_ = std::move(loaded.configuration);
      if (line_.pidfile) pidfile_.emplace(*line_.pidfile);
      log::set_up(log_options(configuration_->settings.logging));
      logging_ = true;
      greet(loaded.notes);
      signals_.emplace([this](int signal) { on_signal(signal); });
      runtime_.start(configuration_, *this);
    } catch (const std::exception& error) {
      return give_up(error.what());
    }
    signals_->post([this] { on_started(); });
    wait();
    return end();
  }

 private:
  using Action = LifeCycle::Action;

  void greet(const std::vector<std::string>& notes) const {
    const config::Settings& settings = configuration_->settings;
    log::info(kComponent, "mcp-router {} starts as {}", about_.version, settings.session.instance_id);
    for (const auto& file : configuration_->tree.files()) log::info(kComponent, "configured by {}", file);
    if (const auto& profiles = configuration_->tree.profiles(); !profiles.empty()) {
      log::info(kComponent, "active profiles: {}", joined(profiles));
    }
    for (const std::string& note : notes) log::warn(kComponent, "{}", note);
  }

  int give_up(const char* message) {
    if (logging_) log::error(kComponent, "{}", message);
    end_threads();
    log::shut_down();
    // Where the log is a file, or not open yet, nobody at the terminal would know.
    if (!logging_ || !configuration_->settings.logging.file.empty())
      std::cerr << "mcp-router: " << message << std::endl;
    return 1;
  }

  // Control
  void reload() override {
    signals_->post([this] { on_signal(SIGHUP); });
  }
  void stop() override {
    signals_->post([this] { on_signal(SIGTERM); });
  }
  void fail(const std::string& message) override {
    log::error(kComponent, "{}", message);
    carry_out(event(&LifeCycle::failed));
  }

  Action event(Action (LifeCycle::*what)()) {
    const std::lock_guard lock(mutex_);
    return (life_.*what)();
  }

  // All below up to carry_out: on the signal thread.
  void on_started() {
    const Action action = event(&LifeCycle::started);
    if (is_finished()) return;  // a part failed while the others started
    log::info(kComponent, "ready");
    if (daemon_) daemon_->ready();
    carry_out(action);
  }

  void on_signal(int signal) {
    last_signal_ = signal;
    if (signal == SIGHUP) {
      carry_out(event(&LifeCycle::reload_wanted));
    } else {
      log::info(kComponent, "{}: ending", ::strsignal(signal));
      carry_out(event(&LifeCycle::stop_wanted));
    }
  }

  void carry_out(Action action) {
    switch (action) {
      case Action::none: return;
      case Action::reload: return load_again();
      case Action::drain: return runtime_.drain([this] { carry_out(event(&LifeCycle::drained)); });
      case Action::finish: return finish();
      case Action::exit_now:
        log::warn(kComponent, "asked a second time: ending at once");
        log::shut_down();
        if (pidfile_) pidfile_->remove();
        ::_exit(128 + last_signal_);
    }
  }

  void finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return finished_; });
  }

  bool is_finished() {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

  // The runtime's threads may call Control until stop() returns, so the signal thread's object stays. Should stop()
  // hang, a signal has its usual effect again.
  void end_threads() {
    if (signals_) signals_->end();
    take_signals_again();
    runtime_.stop();
  }

  int end() {
    end_threads();
    log::info(kComponent, "ended");
    log::shut_down();
    return life_.exit_code();
  }

  void load_again() {
    try {
      const Load loaded = load(line_, place_, runtime_);
      const config::Changes changes = config::diff(configuration_->settings, loaded.configuration->settings);
      configuration_ = loaded.configuration;
      log::set_up(log_options(configuration_->settings.logging));
      log::info(kComponent, "configuration read again: {}",
                changes.live.empty() ? "no key of the router's own takes effect" : joined(changes.live));
      if (!changes.restart.empty())
        log::warn(kComponent, "changed, but only a restart takes it over: {}", joined(changes.restart));
      runtime_.reload(configuration_);
    } catch (const config::ConfigError& error) {
      const std::size_t shown = std::min(error.problems().size(), config::kMostShown);
      for (std::size_t i = 0; i < shown; ++i) log::error(kComponent, "{}", error.problems()[i].text());
      log::error(kComponent, "the configuration is not taken over; the last good one stays");
    } catch (const std::exception& error) {
      log::error(kComponent, "the configuration is not taken over: {}", error.what());
    }
  }

  const config::CommandLine& line_;
  const Place& place_;
  Runtime& runtime_;
  const About& about_;
  Daemon* daemon_;

  std::optional<Pidfile> pidfile_;
  ConfigurationPtr configuration_;  // main until started, then the signal thread
  bool logging_ = false;            // main
  int last_signal_ = SIGTERM;       // signal thread

  std::mutex mutex_;  // guards life_ and finished_
  std::condition_variable changed_;
  LifeCycle life_;
  bool finished_ = false;
  std::optional<SignalThread> signals_;  // last: its thread uses all of the above
};

int answer_and_exit(const config::CommandLine& line, const Place& place, Runtime& runtime) {
  const Load loaded = load(line, place, runtime);
  for (const std::string& note : loaded.notes) std::cerr << "note: " << note << "\n";
  if (line.print_config) std::cout << config::show(loaded.configuration->settings);
  if (line.list_plugins) runtime.list_plugins(*loaded.configuration, std::cout);
  if (line.check_config) {
    for (const auto& file : loaded.configuration->tree.files()) std::cout << "read " << file.string() << "\n";
    std::cout << "the configuration is good" << std::endl;
  }
  return 0;
}

int run_command(const config::CommandLine& line, const Place& place, Runtime& runtime) {
  const Load loaded = load(line, place, runtime);
  return runtime.run_command(*loaded.configuration, line.command, std::cout, std::cerr);
}

// With the commands of plugins, where the configuration is good enough to find them.
void help(const config::CommandLine& line, const Place& place, Runtime& runtime) {
  std::cout << config::usage();
  try {
    std::cout << runtime.commands_usage(*load(line, place, runtime).configuration);
  } catch (const std::exception&) {
    std::cout << "\nThe commands of plugins are not shown, for want of a good configuration (see --check-config).\n";
  }
}

}  // namespace

int run(int argc, char** argv, Runtime& runtime, const About& about) {
  const std::vector<std::string> arguments(argv + 1, argv + std::max(argc, 1));
  const config::CommandLine line = config::parse_command_line(arguments);
  if (!line.problems.empty()) {
    for (const std::string& problem : line.problems) std::cerr << "mcp-router: " << problem << "\n";
    return 2;
  }
  if (line.version && !line.help) {
    std::cout << "mcp-router " + about.version + "\n";
    return 0;
  }
  try {
    const Place place = this_place(about.plugin_directories);
    if (line.help) {
      help(line, place, runtime);
      return 0;
    }
    if (!line.command.empty()) return run_command(line, place, runtime);
    if (line.check_config || line.list_plugins || line.print_config) return answer_and_exit(line, place, runtime);
    block_signals();
    std::optional<Daemon> daemon;
    if (line.daemon) daemon.emplace();
    auto keep = std::make_optional<KeepFaults>();
    Application application(line, place, runtime, about, daemon ? &*daemon : nullptr);
    keep.reset();
    return application.run(1, argv);
  } catch (const std::exception& error) {
    std::cerr << "mcp-router: " << error.what() << std::endl;
    return 1;
  }
}

}  // namespace mcpr::app
