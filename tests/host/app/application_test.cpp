// The application in processes of its own, with a runtime that tells through a pipe what it is asked for.
#include "host/app/application.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <span>
#include <sstream>
#include <thread>

#include "host/app/pidfile.hpp"

namespace mcpr::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TellingRuntime : public Runtime {
 public:
  explicit TellingRuntime(int fd) : fd_(fd) {}

  std::vector<config::Claim> claims(const config::Settings&) override { return {{"mcp.test-plugin", "test", {}}}; }
  void check(const Configuration& configuration, config::Problems& problems) override {
    if (configuration.settings.router.load_balancer == "missing")
      problems.push_back({{}, "no balancer is called 'missing'"});
  }
  void list_plugins(const Configuration&, std::ostream& out) override { out << "test 1.0\n"; }
  std::string commands_usage(const Configuration&) override { return "commands: test-command\n"; }
  int run_command(const Configuration& configuration, std::span<const std::string> words, std::ostream& out,
                  std::ostream&) override {
    out << words.size() << " words, port " << configuration.settings.server.port << "\n";
    return 7;
  }
  void start(ConfigurationPtr configuration, Control& control) override {
    if (configuration->settings.server.port == 1) throw std::runtime_error("port 1 is in use");
    control_ = &control;
    tell("start " + std::to_string(configuration->settings.session.ttl.count()));
    if (configuration->settings.server.port == 2) control.fail("a part is broken");
    if (configuration->settings.server.port == 3) control.stop();
    if (configuration->settings.server.port == 4) control.reload();
  }
  void reload(ConfigurationPtr configuration) override {
    tell("reload " + std::to_string(configuration->settings.session.ttl.count()));
  }
  void drain(UniqueFunction<void()> drained) override {
    tell("drain");
    if (hang) return;
    waiter_ = std::thread([done = std::move(drained)]() mutable { done(); });
  }
  void stop() override {
    if (waiter_.joinable()) waiter_.join();
    tell("stop");
  }

  bool hang = false;

 private:
  void tell(const std::string& text) const {
    const std::string line = text + "\n";
    if (::write(fd_, line.data(), line.size()) < 0) ::_exit(99);
  }

  int fd_;
  Control* control_ = nullptr;
  std::thread waiter_;
};

class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcpr-app-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~ApplicationTest() override {
    if (child > 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    if (told >= 0) ::close(told);
    std::filesystem::remove_all(folder);
  }

  // Starts the application in a child with its working directory and its output in the folder.
  void start(std::vector<std::string> arguments) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      if (::chdir(folder.c_str()) != 0 || !::freopen("out", "w", stdout) || !::freopen("err", "w", stderr)) ::_exit(98);
      for (const char* variable : {"SERVER_PORT", "SPRING_PROFILES_ACTIVE"}) ::unsetenv(variable);
      arguments.insert(arguments.begin(), "mcp-router");
      std::vector<char*> argv;
      for (std::string& argument : arguments) argv.push_back(argument.data());
      int code = 97;
      {
        TellingRuntime runtime(ends[1]);
        runtime.hang = hang;
        code = run(static_cast<int>(argv.size()), argv.data(), runtime, {"1.2.3", {"../plugins"}});
      }
      std::fflush(nullptr);
      ::_exit(code);
    }
    ::close(ends[1]);
    told = ends[0];
  }

  // The next line that the runtime tells; "" at the end or after ten seconds.
  std::string next() {
    std::string line;
    for (;;) {
      pollfd watched{told, POLLIN, 0};
      char c = 0;
      if (::poll(&watched, 1, 10'000) <= 0 || ::read(told, &c, 1) <= 0) return line;
      if (c == '\n') return line;
      line += c;
    }
  }

  int exit_code() {
    int status = 0;
    ::waitpid(child, &status, 0);
    child = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  int run_to_end(const std::vector<std::string>& arguments) {
    start(arguments);
    while (!next().empty()) {
    }
    return exit_code();
  }

  std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder / name).rdbuf();
    return out.str();
  }
  void file(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

  std::filesystem::path folder;
  pid_t child = -1;
  int told = -1;
  bool hang = false;
};

TEST_F(ApplicationTest, EndsInOrder) {
  for (const int signal : {SIGTERM, SIGINT}) {
    start({"--pidfile", "p.pid"});
    EXPECT_EQ(next(), "start 1800000");
    EXPECT_EQ(content("p.pid"), std::to_string(child) + "\n");
    ::kill(child, signal);
    EXPECT_EQ(next(), "drain");
    EXPECT_EQ(next(), "stop");
    EXPECT_EQ(exit_code(), 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "p.pid"));
    EXPECT_THAT(content("err"), HasSubstr("INFO  app: ended"));
    ::close(told);
  }
  told = -1;
}

TEST_F(ApplicationTest, ASecondSignalDoesNotWait) {
  hang = true;
  start({"--pidfile=p.pid"});
  EXPECT_THAT(next(), StartsWith("start"));
  ::kill(child, SIGTERM);
  EXPECT_EQ(next(), "drain");
  ::kill(child, SIGINT);
  EXPECT_EQ(exit_code(), 128 + SIGINT);
  EXPECT_FALSE(std::filesystem::exists(folder / "p.pid"));
}

TEST_F(ApplicationTest, HangupReadsTheConfigurationAgain) {
  file("application.yml", "mcp.session.ttl: 1s\n");
  start({});
  EXPECT_EQ(next(), "start 1000");
  file("application.yml", "mcp.session.ttl: 2s\nserver.port: 9000\n");
  ::kill(child, SIGHUP);
  EXPECT_EQ(next(), "reload 2000");
  file("application.yml", "mcp.session.tll: 3s\n");
  ::kill(child, SIGHUP);
  // Refused: the next that is told is of the file after it.
  while (content("err").find("the last good one stays") == std::string::npos) std::this_thread::yield();
  file("application.yml", "mcp.session.ttl: 4s\n");
  ::kill(child, SIGHUP);
  EXPECT_EQ(next(), "reload 4000");
  ::kill(child, SIGTERM);
  EXPECT_EQ(next(), "drain");
  EXPECT_EQ(next(), "stop");
  EXPECT_EQ(exit_code(), 0);
  const std::string log = content("err");
  EXPECT_THAT(log, HasSubstr("configuration read again: mcp.session.ttl"));
  EXPECT_THAT(log, HasSubstr("changed, but only a restart takes it over: server.port"));
  EXPECT_THAT(log, HasSubstr("application.yml:1:1: unknown key 'mcp.session.tll'; did you mean 'mcp.session.ttl'?"));
}

TEST_F(ApplicationTest, WhatAPartAsksForWhileItStarts) {
  EXPECT_EQ(run_to_end({"--server.port=2"}), 1);
  EXPECT_THAT(content("err"), HasSubstr("ERROR app: a part is broken"));
  EXPECT_THAT(content("err"), testing::Not(HasSubstr("ready")));
  EXPECT_EQ(run_to_end({"--server.port=3"}), 0);
  start({"--server.port=4"});
  EXPECT_THAT(next(), StartsWith("start"));
  EXPECT_THAT(next(), StartsWith("reload"));
}

TEST_F(ApplicationTest, AStartThatFails) {
  EXPECT_EQ(run_to_end({"--server.port=1", "--pidfile=p"}), 1);
  EXPECT_THAT(content("err"), HasSubstr("ERROR app: port 1 is in use"));
  EXPECT_FALSE(std::filesystem::exists(folder / "p"));
  EXPECT_EQ(run_to_end({"--server.port=1", "--logging.file=x.log"}), 1);
  EXPECT_EQ(content("err"), "mcp-router: port 1 is in use\n");
  EXPECT_THAT(content("x.log"), HasSubstr("port 1 is in use"));
}

TEST_F(ApplicationTest, AConfigurationThatIsWrong) {
  file("application.yml", "server: {prot: 1}\ndrain.timeout: soon\n");
  EXPECT_EQ(run_to_end({}), 1);
  EXPECT_EQ(content("err"),
            "mcp-router: the configuration has 2 errors:\n"
            "  application.yml:1:10: unknown key 'server.prot'; did you mean 'server.port'?\n"
            "  application.yml:2:16: drain.timeout: expected a duration (such as 15s, 500ms or PT30M), found 'soon'\n");
  EXPECT_EQ(run_to_end({"--config=none.yml"}), 1);
  EXPECT_THAT(content("err"), HasSubstr("none.yml: cannot be read: No such file or directory"));
  file("application.yml", "mcp.test-plugin: {a: 1}\nmcp.router.load-balancer: missing\n");
  EXPECT_EQ(run_to_end({"--check-config"}), 1);
  EXPECT_THAT(content("err"), HasSubstr("no balancer is called 'missing'"));
}

TEST_F(ApplicationTest, AnswersWithoutStarting) {
  file("application.yml", "management: {x: 1}\n");
  EXPECT_EQ(run_to_end({"--check-config"}), 0);
  EXPECT_EQ(content("out"), "read application.yml\nthe configuration is good\n");
  EXPECT_EQ(content("err"), "note: not the router's and ignored: management\n");
  EXPECT_EQ(run_to_end({"--version"}), 0);
  EXPECT_EQ(content("out"), "mcp-router 1.2.3\n");
  EXPECT_EQ(run_to_end({"--list-plugins"}), 0);
  EXPECT_EQ(content("out"), "test 1.0\n");
  EXPECT_EQ(run_to_end({"--print-config", "--server.port=77"}), 0);
  EXPECT_THAT(content("out"), HasSubstr("server.port = 77  # command line --server.port\n"));
  EXPECT_EQ(run_to_end({"--help"}), 0);
  EXPECT_THAT(content("out"), HasSubstr("--upstream [NAME=]URL"));
  EXPECT_EQ(run_to_end({"--nonsense"}), 2);
  EXPECT_THAT(content("err"), HasSubstr("unknown option '--nonsense'"));
}

TEST_F(ApplicationTest, ACommandInsteadOfTheRouter) {
  EXPECT_EQ(run_to_end({"--server.port=77", "test-command", "--server.port=78", "x"}), 7);
  EXPECT_EQ(content("out"), "3 words, port 77\n");
  EXPECT_EQ(content("err"), "");
  EXPECT_EQ(run_to_end({"--help"}), 0);
  EXPECT_THAT(content("out"), HasSubstr("commands: test-command"));
  EXPECT_EQ(run_to_end({"--server.prot=77", "test-command"}), 1);
  EXPECT_THAT(content("err"), HasSubstr("server.prot"));
  EXPECT_EQ(run_to_end({"--server.prot=77", "--help"}), 0);
  EXPECT_THAT(content("out"), HasSubstr("not shown, for want of a good configuration"));
}

TEST_F(ApplicationTest, ADaemonIsReadyWhenItsParentEnds) {
  start({"--daemon", "--pidfile=p.pid", "--logging.file=d.log"});
  EXPECT_EQ(exit_code(), 0);
  EXPECT_THAT(next(), StartsWith("start"));
  const int daemon = std::stoi(content("p.pid"));
  EXPECT_EQ(::getsid(daemon), daemon);
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(next(), "drain");
  EXPECT_EQ(next(), "stop");
  EXPECT_EQ(next(), "") << "the pipe ends with the process";
  EXPECT_EQ(run_to_end({"--daemon", "--server.port=1"}), 1);
}

TEST_F(ApplicationTest, AFaultStaysAFault) {
  start({});
  EXPECT_THAT(next(), StartsWith("start"));
  ::kill(child, SIGSEGV);
  EXPECT_NE(exit_code(), 0);
}

TEST_F(ApplicationTest, PidfileOfARunningProcess) {
  const Pidfile held(folder / "held.pid");
  EXPECT_EQ(run_to_end({"--pidfile=held.pid"}), 1);
  EXPECT_THAT(content("err"), HasSubstr("held.pid: held by the running process " + std::to_string(::getpid())));
  EXPECT_EQ(content("held.pid"), std::to_string(::getpid()) + "\n");
  file("stale.pid", "1234567\nrubbish");
  const Pidfile taken(folder / "stale.pid");
  EXPECT_EQ(content("stale.pid"), std::to_string(::getpid()) + "\n");
  EXPECT_THROW(Pidfile(folder / "no" / "such.pid"), std::runtime_error);
}

}  // namespace
}  // namespace mcpr::app
