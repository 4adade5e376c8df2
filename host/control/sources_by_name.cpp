// Services that no source publishes and that are looked up by name.
#include <algorithm>

#include "host/control/sources.hpp"

namespace mcpr::control {

std::vector<std::string> Sources::able() {
  std::vector<std::string> out;
  for (const Source& at : sources_) {
    if (at.running && at.running->instance().can_look_up()) out.push_back(at.plan.name);
  }
  return out;
}

Sources::Source* Sources::named(const std::string& name) {
  const auto at = std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.plan.name == name; });
  return at == sources_.end() ? nullptr : &*at;
}

void Sources::look_up(const std::string& source, const std::string& name, plugin::DiscoverySource::Answered answered) {
  Source* at = named(source);
  if (at && at->running) return at->running->instance().lookup(name, std::move(answered));
  services_.control().post([answered = std::move(answered)]() mutable { answered({{}, false, "the source is gone"}); });
}

bool Sources::put(const std::string& source, catalog::Service service) {
  Source* at = named(source);
  if (!at || !at->running) return false;
  merge_.publish(at->id, std::make_shared<const catalog::Service>(std::move(service)),
                 std::chrono::system_clock::now());
  changed();
  return true;
}

void Sources::drop(const std::string& source, const std::string& name) {
  Source* at = named(source);
  if (!at) return;
  merge_.withdraw(at->id, name);
  changed();
}

void Sources::set_on_publish(UniqueFunction<void(const std::string&)> hook) { on_publish_ = std::move(hook); }

}  // namespace mcpr::control
