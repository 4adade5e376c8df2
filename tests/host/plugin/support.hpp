// What the tests of this room share: a folder of their own, a control thread, a log to look into.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/net/blocking_pool.hpp"
#include "host/net/loop.hpp"
#include "host/plugin/host_services.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::plugin::test {

namespace fs = std::filesystem;

// Two folders below /tmp, safe by themselves: plugins/ and run/.
class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/mcpr-plugin-test-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    fs::create_directory(plugins());
    fs::permissions(plugins(), fs::perms::owner_all);
  }
  ~Folder() { fs::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path root() const { return root_; }
  fs::path plugins() const { return root_ / "plugins"; }
  fs::path runtime() const { return root_ / "run" / "copies"; }
  LoadOptions options(bool strict = true) const { return {plugins(), runtime(), strict}; }

  // Puts a built module there, with safe permissions.
  fs::path install_file(const fs::path& from, const std::string& as = "") const {
    const fs::path to = plugins() / (as.empty() ? from.filename().string() : as);
    std::ifstream in(from, std::ios::binary);
    std::ofstream(to, std::ios::binary) << in.rdbuf();
    ::chmod(to.c_str(), 0644);
    return to;
  }
  fs::path install(const std::string& name) const { return install_file(fs::path(MCPR_TEST_PLUGINS) / (name + ".so")); }
#ifdef MCPR_VERSIONS
  // A version of tests/hot-plugins, under a name that it shares with the others; as mv does it, in one step.
  fs::path install_version(const std::string& version, const std::string& as = "versioned.so") const {
    const fs::path made = install_file(fs::path(MCPR_VERSIONS) / (version + ".so"), "." + as);
    fs::rename(made, plugins() / as);
    return plugins() / as;
  }
#endif

 private:
  fs::path root_;
};

// Things that happened on other threads, in order.
class Lines {
 public:
  void add(std::string line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::vector<std::string> all() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }
  bool has(const std::string& part) const {
    std::lock_guard lock(mutex_);
    return holds(part);
  }
  testing::AssertionResult wait(const std::string& part) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::seconds(20), [&] { return holds(part); }))
      return testing::AssertionSuccess();
    auto out = testing::AssertionFailure() << "no line with '" << part << "' in:";
    for (const std::string& line : lines_) out << "\n  " << line;
    return out;
  }

 private:
  bool holds(const std::string& part) const {
    for (const std::string& line : lines_) {
      if (line.find(part) != std::string::npos) return true;
    }
    return false;
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

// A control thread with the services of a host; what plugins log and measure goes to log.
class Host {
 public:
  explicit Host(HttpFetcher* http = nullptr, std::chrono::milliseconds slow_call = std::chrono::seconds(30))
      : services(loop, pool, options(http, slow_call)) {
    thread_ = std::thread([this] { loop.run(); });
  }
  ~Host() {
    pool.stop();
    loop.stop();
    thread_.join();
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Runs f on the control thread and waits for it.
  void run(const std::function<void()>& f) {
    std::promise<void> done;
    loop.post([&] {
      f();
      done.set_value();
    });
    done.get_future().get();
  }

  Lines log;
  net::Loop loop;
  net::BlockingPool pool{2};
  HostServices services;

 private:
  HostServices::Options options(HttpFetcher* http, std::chrono::milliseconds slow_call) {
    return {[this](int level, const std::string& source, std::string_view text) {
              log.add(std::to_string(level) + " " + source + ": " + std::string(text));
            },
            http,
            [this](const MetricUpdate& update) {
              log.add("metric " + std::string(update.source) + " " + std::string(update.name));
            },
            "9.9", slow_call};
  }
  std::thread thread_;
};

inline std::shared_ptr<const LoadedPlugin> load(const Folder& folder, const fs::path& file) {
  PluginInfo info;
  auto plugin = LoadedPlugin::load(file, folder.options(), info);
  EXPECT_TRUE(plugin) << info.reason;
  return plugin;
}

}  // namespace mcpr::plugin::test
