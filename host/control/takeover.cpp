#include "host/control/takeover.hpp"

namespace mcpr::control {

Takeover::Step Takeover::step(net::TimePoint now) const {
  if (synced_ && health_.state != plugin::Health::down) return Step::take_over;
  return now >= deadline_ ? Step::give_up : Step::wait;
}

std::string Takeover::why_given_up() const {
  std::string out = synced_ ? "was down" : "did not say that it has published everything";
  out += " for " + std::to_string(limit_.count()) + " ms (plugins.takeover-timeout)";
  if (health_.state != plugin::Health::starting || !health_.text.empty()) {
    out += "; its health: " + std::string(plugin::to_string(health_.state));
    if (!health_.text.empty()) out += ", " + health_.text;
  }
  return out;
}

std::vector<catalog::ServicePtr> Takeover::services() const {
  std::vector<catalog::ServicePtr> out;
  out.reserve(services_.size());
  for (const auto& [name, service] : services_) out.push_back(service);
  return out;
}

}  // namespace mcpr::control
