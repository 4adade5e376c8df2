#include "host/plugin/probe.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

extern char** environ;

namespace mcpr::plugin {

namespace {

std::string cannot(const char* what, int error) {
  return std::string("its probe cannot be started: ") + what + ": " + std::generic_category().message(error);
}

// What the process is to begin with: its three descriptors, a group of its own, no signal blocked or ignored.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&how_);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&how_, &none);
    ::posix_spawnattr_setsigdefault(&how_, &all);
    ::posix_spawnattr_setpgroup(&how_, 0);
    ::posix_spawnattr_setflags(&how_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&how_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(int fd, int as) { ::posix_spawn_file_actions_adddup2(&files_, fd, as); }
  int run(const std::string& program, const std::string& file, pid_t& pid) const {
    std::string option = "--probe", path = file, name = program;
    char* arguments[] = {name.data(), option.data(), path.data(), nullptr};
    return ::posix_spawn(&pid, program.c_str(), &files_, &how_, arguments, environ);
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t how_;
};

}  // namespace

Probe::Probe(net::Loop& loop, ProbeOptions options, std::filesystem::path copy, Configure configure, Done done)
    : loop_(loop),
      options_(std::move(options)),
      copy_(std::move(copy)),
      configure_(std::move(configure)),
      done_(std::move(done)),
      problem_(spawn()),
      limit_(loop, [this] {
        if (pid_ >= 0) kill_group();
        finish(problem_.empty() ? dialogue_.overdue(options_.limit) : ProbeResult{problem_, false, {}});
      }) {
  limit_.arm(problem_.empty() ? options_.limit : net::Millis(0));
}

Probe::~Probe() {
  if (pid_ < 0) return;
  kill_group();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Probe::kill_group() const { ::kill(-pid_, SIGKILL); }

std::string Probe::spawn() {
  int input[2], report[2], output[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0) return cannot("a socket", errno);
  input_ = OpenFile(input[0]);
  const OpenFile input_end(input[1]);
  if (::pipe2(report, O_CLOEXEC) != 0) return cannot("a pipe", errno);
  report_ = OpenFile(report[0]);
  const OpenFile report_end(report[1]);
  if (::pipe2(output, O_CLOEXEC) != 0) return cannot("a pipe", errno);
  output_ = OpenFile(output[0]);
  const OpenFile output_end(output[1]);
  for (const OpenFile* at : {&input_, &report_, &output_}) ::fcntl(at->fd(), F_SETFL, O_NONBLOCK);

  SpawnPlan plan;
  plan.give(input_end.fd(), STDIN_FILENO);
  plan.give(report_end.fd(), STDOUT_FILENO);
  plan.give(output_end.fd(), STDERR_FILENO);
  if (const int error = plan.run(options_.program.string(), copy_.string(), pid_); error != 0) {
    pid_ = -1;
    return cannot(options_.program.c_str(), error);
  }
  exit_ = OpenFile(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!exit_) return cannot("its end cannot be waited for", errno);
  report_watch_ =
      std::make_unique<net::FdWatch>(loop_, report_.fd(), net::fd_read, [this](std::uint32_t) { on_report(); });
  output_watch_ =
      std::make_unique<net::FdWatch>(loop_, output_.fd(), net::fd_read, [this](std::uint32_t) { on_output(); });
  exit_watch_ = std::make_unique<net::FdWatch>(loop_, exit_.fd(), net::fd_read, [this](std::uint32_t) { on_exit(); });
  return {};
}

bool Probe::read(int fd, void (ProbeDialogue::*take)(std::string_view)) {
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got > 0) {
      (dialogue_.*take)(std::string_view(buffer, static_cast<std::size_t>(got)));
    } else if (got == 0 || errno != EINTR) {
      return got < 0 && errno == EAGAIN;
    }
  }
}

void Probe::on_report() {
  if (!read(report_.fd(), &ProbeDialogue::take)) report_watch_.reset();
  if (!dialogue_.has_manifest() || !configure_) return;
  Configure configure = std::exchange(configure_, nullptr);
  unsent_ = ProbeDialogue::answer(configure(dialogue_.manifest()));
  on_input();
}

void Probe::on_input() {
  while (!unsent_.empty()) {
    const ssize_t sent = ::send(input_.fd(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      unsent_.erase(0, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!input_watch_) {
        input_watch_ =
            std::make_unique<net::FdWatch>(loop_, input_.fd(), net::fd_write, [this](std::uint32_t) { on_input(); });
      }
      return;
    } else if (errno != EINTR) {
      break;  // it has ended: on_exit() says how
    }
  }
  input_watch_.reset();
}

void Probe::on_output() {
  if (!read(output_.fd(), &ProbeDialogue::take_output)) output_watch_.reset();
}

void Probe::on_exit() {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0) return;
  kill_group();  // what the plugin has started besides, as long as the group's number cannot be another's
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  read(report_.fd(), &ProbeDialogue::take);
  read(output_.fd(), &ProbeDialogue::take_output);
  finish(dialogue_.ended(status));
}

void Probe::finish(ProbeResult result) {
  limit_.cancel();
  input_watch_.reset();
  report_watch_.reset();
  output_watch_.reset();
  exit_watch_.reset();
  Done done = std::exchange(done_, nullptr);
  if (done) done(std::move(result));
}

ProbeResult probe_now(ProbeOptions options, const std::filesystem::path& copy, Probe::Configure configure) {
  net::Loop loop;
  ProbeResult out;
  Probe probe(loop, std::move(options), copy, std::move(configure), [&](ProbeResult result) {
    out = std::move(result);
    loop.stop();
  });
  loop.run();
  return out;
}

}  // namespace mcpr::plugin
