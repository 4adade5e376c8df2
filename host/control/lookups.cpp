#include "host/control/lookups.hpp"

namespace mcpr::control {

Lookups::Expiry* Lookups::expiry(State state) {
  switch (state) {
    case State::absent:
    case State::failed: return &negative_;
    case State::kept: return &kept_;
    default: return nullptr;
  }
}

void Lookups::set(const std::string& name, State state, TimePoint until) {
  forget(name);
  names_[name] = {state, until};
  if (Expiry* at = expiry(state)) at->emplace(until, name);
}

void Lookups::forget(const std::string& name) {
  const auto found = names_.find(name);
  if (found == names_.end()) return;
  if (Expiry* at = expiry(found->second.state)) at->erase({found->second.until, name});
  names_.erase(found);
}

void Lookups::purge(TimePoint now) {
  while (!negative_.empty() && negative_.begin()->first <= now) forget(std::string(negative_.begin()->second));
}

Lookups::Answer Lookups::wanted(const std::string& name, TimePoint now) {
  purge(now);
  const auto found = names_.find(name);
  if (found != names_.end()) {
    switch (found->second.state) {
      case State::asking:
      case State::renewing: return Answer::wait;
      case State::absent: return Answer::absent;
      case State::failed: return Answer::failed;
      case State::kept: break;  // the catalog has lost it since
    }
  } else if (names_.size() - kept_.size() >= limits_.max_names) {
    return Answer::busy;
  }
  set(name, State::asking, {});
  return Answer::ask;
}

void Lookups::found(const std::string& name, TimePoint now) { set(name, State::kept, now + limits_.ttl); }

void Lookups::absent(const std::string& name, TimePoint now) { set(name, State::absent, now + limits_.negative_ttl); }

void Lookups::failed(const std::string& name, TimePoint now) {
  if (kept(name)) return found(name, now);
  set(name, State::failed, now + limits_.negative_ttl);
}

bool Lookups::asking(const std::string& name) const {
  const auto found = names_.find(name);
  return found != names_.end() && (found->second.state == State::asking || found->second.state == State::renewing);
}

bool Lookups::kept(const std::string& name) const {
  const auto found = names_.find(name);
  return found != names_.end() && (found->second.state == State::kept || found->second.state == State::renewing);
}

std::vector<std::string> Lookups::due(TimePoint now) {
  purge(now);
  std::vector<std::string> out;
  while (!kept_.empty() && kept_.begin()->first <= now) {
    out.push_back(kept_.begin()->second);
    set(out.back(), State::renewing, {});
  }
  return out;
}

std::optional<Lookups::TimePoint> Lookups::next() const {
  if (kept_.empty()) return std::nullopt;
  return kept_.begin()->first;
}

}  // namespace mcpr::control
