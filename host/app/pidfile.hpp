// A file with the process id, held locked while the process lives.
#pragma once

#include <filesystem>

namespace mcpr::app {

class Pidfile {
 public:
  // Throws std::runtime_error where the file cannot be written or a running process holds it; a stale one is taken
  // over.
  explicit Pidfile(std::filesystem::path path);
  ~Pidfile();  // removes the file
  Pidfile(const Pidfile&) = delete;
  Pidfile& operator=(const Pidfile&) = delete;

  void remove() noexcept;  // [any] for an exit without destructors

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace mcpr::app
