#include "host/control/arrivals.hpp"

#include <algorithm>

namespace mcpr::control {

void Arrivals::created(const std::string& name, net::TimePoint now) { files_[name] = now + kCreated; }
void Arrivals::written(const std::string& name, net::TimePoint now) { files_[name] = now + kWriting; }
void Arrivals::settled(const std::string& name, net::TimePoint now) { files_[name] = now + quiet_; }

void Arrivals::rights(const std::string& name, net::TimePoint now) {
  // Somebody who is writing goes on.
  const auto [at, fresh] = files_.try_emplace(name, now + quiet_);
  if (!fresh && at->second < now + quiet_) at->second = now + quiet_;
}

void Arrivals::missed(net::TimePoint now) {
  files_.clear();
  missed_ = now + quiet_;
}

bool Arrivals::take_ripe(net::TimePoint now) {
  bool any = std::erase_if(files_, [&](const auto& at) { return at.second <= now; }) > 0;
  if (missed_ && *missed_ <= now) {
    missed_.reset();
    any = true;
  }
  return any;
}

std::optional<net::TimePoint> Arrivals::next() const {
  std::optional<net::TimePoint> out = missed_;
  for (const auto& [name, ripe] : files_) {
    if (!out || ripe < *out) out = ripe;
  }
  return out;
}

}  // namespace mcpr::control
