#include "host/app/daemon.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mcpr::app {

namespace {

[[noreturn]] void wait_for_child(pid_t child, int from_child) {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::read(from_child, &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) ::_exit(0);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

Daemon::Daemon() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "--daemon: no pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "--daemon: no process");
  if (child > 0) {
    ::close(ends[1]);
    wait_for_child(child, ends[0]);
  }
  ::close(ends[0]);
  to_parent_ = ends[1];
  ::setsid();
}

Daemon::~Daemon() {
  if (to_parent_ >= 0) ::close(to_parent_);
}

void Daemon::ready() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, standard);
    if (null > STDERR_FILENO) ::close(null);
  }
  const char byte = 1;
  while (::write(to_parent_, &byte, 1) < 0 && errno == EINTR) {
  }
  ::close(to_parent_);
  to_parent_ = -1;
}

}  // namespace mcpr::app
