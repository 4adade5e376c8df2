// The order of starting, reloading, draining and ending, as a state machine without I/O. Its caller serialises the
// events and carries out what they ask for.
#pragma once

#include <cstdint>

namespace mcpr::app {

class LifeCycle {
 public:
  enum class Action : std::uint8_t {
    none,
    reload,    // read the configuration again
    drain,     // begin to drain; report drained()
    finish,    // stop and end with exit_code()
    exit_now,  // end without further ado
  };

  Action started();
  Action failed();  // a start that threw, or a part that cannot go on
  Action reload_wanted();
  Action stop_wanted();  // the second one does not wait
  Action drained();

  int exit_code() const { return exit_code_; }
  bool is_running() const { return state_ == State::running; }
  bool is_draining() const { return state_ == State::draining; }

 private:
  enum class State : std::uint8_t { starting, running, draining, finished };

  State state_ = State::starting;
  bool stop_pending_ = false;  // asked for while starting
  bool reload_pending_ = false;
  int exit_code_ = 0;
};

}  // namespace mcpr::app
