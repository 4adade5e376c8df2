#include "host/control/name_lookup.hpp"

#include <algorithm>

#include "host/catalog/names.hpp"
#include "host/util/log.hpp"

namespace mcpr::control {

namespace {
constexpr std::string_view kLog = "discovery";
}

NameLookup::NameLookup(net::Loop& loop, Sources& sources)
    : loop_(loop), sources_(sources), timer_(loop, [this] { look_again(); }) {
  sources_.set_on_publish([this, alive = std::weak_ptr(alive_)](const std::string& name) {
    if (!alive.expired()) source_publishes(name);
  });
}

void NameLookup::set_options(const Lookups::Limits& limits, std::vector<std::string> service_names) {
  lookups_.set_limits(limits);
  service_names_ = std::move(service_names);
}

// A name with '@' is a reference (`name@GROUP`) that the configuration may use; clients choose among services, not
// groups.
bool NameLookup::worth_asking(std::string_view name) const {
  return able_.load(std::memory_order_relaxed) && name.find('@') == std::string_view::npos &&
         catalog::refuse_name(name).empty();
}

void NameLookup::look_up(std::string name, UniqueFunction<void(Answer)> done) {
  loop_.post([this, alive = std::weak_ptr(alive_), name = std::move(name), done = std::move(done)]() mutable {
    if (!alive.expired()) want(name, std::move(done));  // else the router is ending, and the data threads have ended
  });
}

void NameLookup::want(const std::string& name, UniqueFunction<void(Answer)> done) {
  if (there(name)) return done(Answer::found);
  if (!service_names_.empty() &&
      std::find(service_names_.begin(), service_names_.end(), name) == service_names_.end()) {
    return done(Answer::absent);
  }
  if (appearing_.contains(name)) {
    asked_[name].waiting.push_back(std::move(done));
    return;
  }
  switch (lookups_.wanted(name, net::Clock::now())) {
    case Lookups::Answer::absent: return done(Answer::absent);
    case Lookups::Answer::failed: return done(Answer::failed);
    case Lookups::Answer::busy: return done(Answer::busy);
    case Lookups::Answer::wait: asked_[name].waiting.push_back(std::move(done)); return;
    case Lookups::Answer::ask: break;
  }
  asked_[name].waiting.push_back(std::move(done));
  ask(name);
}

void NameLookup::ask(const std::string& name) {
  asked_[name].overtaken = false;
  std::vector<std::string> sources = sources_.able();
  std::reverse(sources.begin(), sources.end());  // the next one stands at the end
  ask_next(name, std::move(sources), false);
}

void NameLookup::ask_next(const std::string& name, std::vector<std::string> sources, bool failed) {
  if (sources.empty()) return not_found(name, failed);
  const std::string source = std::move(sources.back());
  sources.pop_back();
  sources_.look_up(source, name,
                   [this, alive = std::weak_ptr(alive_), name, source, sources = std::move(sources),
                    failed](plugin::DiscoverySource::LookedUp got) mutable {
                     if (alive.expired()) return;
                     if (got.service) return answered(name, source, std::move(*got.service));
                     if (!got.absent) log::debug(kLog, "look-up of \"{}\" by \"{}\": {}", name, source, got.error);
                     ask_next(name, std::move(sources), failed || !got.absent);
                   });
}

void NameLookup::answered(const std::string& name, const std::string& source, catalog::Service service) {
  if (asked_[name].overtaken) {
    lookups_.forget(name);
    return when_shown(name);
  }
  service.name = name;
  service.on_demand = true;
  const auto before = kept_.find(name);
  if (before != kept_.end() && before->second.source == source && before->second.service == service) {
    lookups_.found(name, net::Clock::now());
    arm();
    return when_shown(name);
  }
  if (!sources_.put(source, service)) return not_found(name, true);
  if (before == kept_.end()) {
    log::info(kLog, "service \"{}\" was found by \"{}\" when it was asked for", name, source);
  } else if (before->second.source != source) {
    sources_.drop(before->second.source, name);
  }
  lookups_.found(name, net::Clock::now());
  kept_[name] = {source, std::move(service)};
  arm();
  appearing_.insert(name);
}

void NameLookup::not_found(const std::string& name, bool failed) {
  if (asked_[name].overtaken) {
    lookups_.forget(name);
    return when_shown(name);
  }
  if (failed) {
    lookups_.failed(name, net::Clock::now());
  } else {
    lookups_.absent(name, net::Clock::now());
    drop(name);
  }
  arm();
  finish(name, failed ? Answer::failed : Answer::absent);
}

// The service is in the catalog, or about to be.
void NameLookup::when_shown(const std::string& name) {
  if (there(name)) return finish(name, Answer::found);
  appearing_.insert(name);
}

void NameLookup::finish(const std::string& name, Answer answer) {
  const auto found = asked_.find(name);
  if (found == asked_.end()) return;
  std::vector<UniqueFunction<void(Answer)>> waiting = std::move(found->second.waiting);
  asked_.erase(found);
  for (auto& done : waiting) done(answer);
}

void NameLookup::drop(const std::string& name) {
  const auto found = kept_.find(name);
  if (found == kept_.end()) return;
  sources_.drop(found->second.source, name);
  kept_.erase(found);
}

// What a source publishes it answers for itself: ours goes before that takes its place.
void NameLookup::source_publishes(const std::string& name) {
  drop(name);
  if (const auto asked = asked_.find(name); asked != asked_.end()) asked->second.overtaken = true;
  if (!lookups_.asking(name)) lookups_.forget(name);
}

void NameLookup::published(upstream::DirectoryPtr directory) {
  shown_ = std::move(directory);
  able_.store(!sources_.able().empty(), std::memory_order_relaxed);
  for (const std::string& name : std::exchange(appearing_, {})) {
    // Not there: the catalog has refused it.
    finish(name, there(name) ? Answer::found : Answer::absent);
  }
}

void NameLookup::look_again() {
  for (const std::string& name : lookups_.due(net::Clock::now())) {
    const std::size_t at = shown_->find(name);
    if (at != upstream::Directory::kNone && shown_->at(at).used.exchange(false)) {
      ask(name);
      continue;
    }
    lookups_.forget(name);
    drop(name);
  }
  arm();
}

void NameLookup::arm() {
  if (const auto next = lookups_.next()) timer_.arm_at(*next);
}

}  // namespace mcpr::control
