// What the application runs: the router, as the composition root puts it together.
#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/config/claim.hpp"
#include "host/config/settings.hpp"
#include "host/config/tree.hpp"
#include "host/util/unique_function.hpp"

namespace mcpr::app {

// A configuration that was read and found good. Shared, immutable.
struct Configuration {
  config::Settings settings;
  config::ConfigTree tree;
  std::vector<config::Claim> claims;
};
using ConfigurationPtr = std::shared_ptr<const Configuration>;

// The application as its parts see it. Lives longer than the runtime. [any]
class Control {
 public:
  virtual void reload() = 0;                          // as SIGHUP does: a configuration file has changed
  virtual void stop() = 0;                            // as SIGTERM does: drain and end
  virtual void fail(const std::string& message) = 0;  // the router cannot go on: logs it and ends with 1

 protected:
  ~Control() = default;
};

// Of these, only one call runs at a time, except that reload and drain may come while start is returning.
class Runtime {
 public:
  virtual ~Runtime() = default;

  // [main; signal thread at a reload] What the installed plugins claim, for plugins.* of these settings, which may have
  // been read from a faulty file. Called before start, too; opens no socket and starts no thread.
  virtual std::vector<config::Claim> claims(const config::Settings& settings) = 0;

  // [as claims] What only the router can know to be wrong: plugins that are not installed, what their schemas refuse.
  virtual void check(const Configuration& configuration, config::Problems& problems) = 0;

  // [main] For --list-plugins.
  virtual void list_plugins(const Configuration& configuration, std::ostream& out) = 0;

  // [main] The commands of the program, those that plugins add included, for --help.
  virtual std::string commands_usage(const Configuration& configuration) = 0;

  // [main] Runs one of them, by its first word, in a process that serves nothing. The exit code; 2: there is none.
  virtual int run_command(const Configuration& configuration, std::span<const std::string> words, std::ostream& out,
                          std::ostream& err) = 0;

  // [main] Returns once clients can connect. Throws with a reason that says what and where; stop() follows then, too.
  virtual void start(ConfigurationPtr configuration, Control& control) = 0;

  // [signal thread] Takes what can change while running. Problems are logged, not thrown.
  virtual void reload(ConfigurationPtr configuration) = 0;

  // [signal thread] Begins to drain and returns; `drained` is called once, on any thread, when the last request is
  // answered or drain.timeout is over.
  virtual void drain(UniqueFunction<void()> drained) = 0;

  // [main] Ends all threads of the router.
  virtual void stop() = 0;
};

}  // namespace mcpr::app
