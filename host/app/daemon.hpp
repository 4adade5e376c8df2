// Going into the background. Poco's own way lets the parent end before anything has started; here it ends once the
// router is ready, with the router's exit code where it is not.
#pragma once

namespace mcpr::app {

class Daemon {
 public:
  // Forks; only the child returns. The parent waits until the child says ready() and ends with 0, or the child ends and
  // passes on its exit code. Until ready() the child keeps its terminal, so that errors are seen. Call it before any
  // thread exists.
  Daemon();
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void ready();

 private:
  int to_parent_ = -1;
};

}  // namespace mcpr::app
