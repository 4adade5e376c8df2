// Services that no source publishes and that are looked up by name.
#include "host/control/sources.hpp"

namespace mcpr::control {

std::vector<std::string> Sources::able() const {
  std::vector<std::string> out;
  for (const Source& at : sources_) {
    if (!at.retired && at.running && at.running->can_look_up()) out.push_back(at.label);
  }
  return out;
}

void Sources::look_up(const std::string& label, const std::string& name, plugin::DiscoverySource::Answered answered) {
  Source* at = find(label);
  if (at && at->running) return at->running->lookup(name, std::move(answered));
  services_.control().post([answered = std::move(answered)]() mutable { answered({{}, false, "the source is gone"}); });
}

bool Sources::put(const std::string& label, catalog::Service service) {
  Source* at = find(label);
  if (!at) return false;
  merge_.publish(at->id, std::make_shared<const catalog::Service>(std::move(service)),
                  std::chrono::system_clock::now());
  changed();
  return true;
}

void Sources::drop(const std::string& label, const std::string& name) {
  Source* at = find(label);
  if (!at) return;
  merge_.withdraw(at->id, name);
  changed();
}

void Sources::set_on_publish(UniqueFunction<void(const std::string&)> hook) { on_publish_ = std::move(hook); }

}  // namespace mcpr::control
