#include "host/app/life_cycle.hpp"

namespace mcpr::app {

LifeCycle::Action LifeCycle::started() {
  if (state_ != State::starting) return Action::none;
  if (stop_pending_) {
    state_ = State::draining;
    return Action::drain;
  }
  state_ = State::running;
  return reload_pending_ ? Action::reload : Action::none;
}

LifeCycle::Action LifeCycle::failed() {
  if (state_ == State::finished) return Action::none;
  state_ = State::finished;
  exit_code_ = 1;
  return Action::finish;
}

LifeCycle::Action LifeCycle::reload_wanted() {
  if (state_ == State::starting) reload_pending_ = true;
  return state_ == State::running ? Action::reload : Action::none;
}

LifeCycle::Action LifeCycle::stop_wanted() {
  switch (state_) {
    case State::starting:
      if (stop_pending_) return Action::exit_now;
      stop_pending_ = true;
      return Action::none;
    case State::running: state_ = State::draining; return Action::drain;
    case State::draining:
    case State::finished: return Action::exit_now;
  }
  return Action::none;
}

LifeCycle::Action LifeCycle::drained() {
  if (state_ != State::draining) return Action::none;
  state_ = State::finished;
  return Action::finish;
}

}  // namespace mcpr::app
