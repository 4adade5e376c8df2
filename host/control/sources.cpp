#include "host/control/sources.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "host/util/log.hpp"

namespace mcpr::control {

namespace json = boost::json;

namespace {
constexpr net::Millis kLookUpAgain{30'000};
constexpr std::string_view kLog = "discovery";
}  // namespace

Sources::Sources(plugin::Registry& registry, plugin::HostServices& services, OnCatalog on_catalog)
    : registry_(registry),
      services_(services),
      on_catalog_(std::move(on_catalog)),
      look_up_again_(services.control(), [this] { look_up(); }) {}

Sources::~Sources() = default;

std::vector<std::string> Sources::plan(const std::vector<SourcePlan>& plans,
                                       const std::vector<std::string>& service_names) {
  std::vector<std::string> problems;
  merge_.set_filter(service_names);
  std::list<Source> next;
  for (const SourcePlan& plan : plans) {
    const auto same = std::find_if(sources_.begin(), sources_.end(),
                                   [&](const Source& at) { return !at.retired && at.plan == plan && at.running; });
    if (same != sources_.end()) {
      next.splice(next.end(), sources_, same);
      continue;
    }
    Source fresh;
    fresh.plan = plan;
    fresh.label = plan.name + (generation_ == 0 ? "" : "#" + std::to_string(generation_));
    fresh.id = merge_.add_source(plan.name);
    launch(fresh);
    if (!fresh.problem.empty() && !plan.optional) problems.push_back(fresh.problem);
    next.push_back(std::move(fresh));
    const auto old = std::find_if(sources_.begin(), sources_.end(),
                                  [&](const Source& at) { return !at.retired && at.plan.name == plan.name; });
    if (old == sources_.end()) continue;
    const bool started = next.back().running != nullptr;
    if (started) {
      old->retired = true;
      next.splice(next.end(), sources_, old);
    } else {
      // The new settings cannot be used: the old instance goes on.
      merge_.remove_source(next.back().id);
      next.pop_back();
      next.splice(next.end(), sources_, old);
    }
  }
  ++generation_;
  sources_.swap(next);
  while (!next.empty()) {
    sources_.splice(sources_.end(), next, next.begin());
    remove(std::prev(sources_.end()));
  }
  set_order();
  changed();
  return problems;
}

void Sources::launch(Source& source) {
  const auto loaded = registry_.find(source.plan.plugin);
  if (!loaded || !loaded->discovery()) {
    source.problem = "source \"" + source.plan.name + "\": " +
                     (loaded ? "the plugin \"" + source.plan.plugin + "\" is not a discovery plugin"
                             : "no plugin \"" + source.plan.plugin + "\" is installed");
    source.health = {plugin::Health::down, source.problem};
    log::message<std::string>(source.plan.optional ? log::Level::info : log::Level::error, kLog, "{}", source.problem);
    return;
  }
  auto running = std::make_unique<plugin::DiscoverySource>(loaded, source.label, services_, *this);
  std::string error;
  if (!running->start(source.plan.config, error)) {
    source.problem = "source \"" + source.plan.name + "\" cannot start: " + error;
    source.health = {plugin::Health::down, source.problem};
    log::error(kLog, "{}", source.problem);
    return;
  }
  source.running = std::move(running);
  if (announced_) announce_at(source, *announced_, true);
}

void Sources::announce(std::optional<catalog::Service> service) {
  if (service == announced_) return;
  const std::optional<catalog::Service> before = std::exchange(announced_, std::move(service));
  for (Source& at : sources_) {
    if (at.retired) continue;
    if (before) announce_at(at, *before, false);
    if (announced_) announce_at(at, *announced_, true);
  }
}

void Sources::announce_at(Source& source, const catalog::Service& service, bool up) {
  if (!source.running || !source.running->can_announce()) return;
  source.running->announce(service, up, [name = source.plan.name, what = service.name, up](const std::string& error) {
    const char* done = up ? "registered" : "removed";
    if (error.empty()) {
      log::info(kLog, "this router is {} as \"{}\" at source \"{}\"", done, what, name);
    } else {
      log::warn(kLog, "this router is not {} as \"{}\" at source \"{}\": {}", done, what, name, error);
    }
  });
}

Sources::Source* Sources::find(const std::string& label) {
  for (Source& at : sources_) {
    if (at.label == label) return &at;
  }
  return nullptr;
}

void Sources::set_order() {
  std::vector<catalog::Merge::SourceId> order;
  for (const Source& at : sources_) order.push_back(at.id);
  merge_.set_order(order);
}

void Sources::remove(std::list<Source>::iterator at) {
  merge_.remove_source(at->id);
  if (at->running) {
    stopping_.push_back(std::move(at->running));
    plugin::DiscoverySource* gone = stopping_.back().get();
    const std::string name = at->plan.name;
    gone->stop([this, gone, name, alive = std::weak_ptr(alive_)](const std::string& error) {
      if (!error.empty()) log::warn(kLog, "source \"{}\" does not stop: {}", name, error);
      if (alive.expired()) return;
      stopping_.remove_if([&](const auto& held) { return held.get() == gone; });
    });
  }
  sources_.erase(at);
}

void Sources::on_service(const std::string& source, catalog::Service service) {
  Source* at = find(source);
  if (!at) return;
  if (on_publish_) on_publish_(service.name);
  merge_.publish(at->id, std::make_shared<const catalog::Service>(std::move(service)),
                 std::chrono::system_clock::now());
  changed();
}

void Sources::on_withdrawn(const std::string& source, const std::string& name) {
  Source* at = find(source);
  if (!at) return;
  merge_.withdraw(at->id, name);
  changed();
}

void Sources::on_synced(const std::string& source) {
  Source* at = find(source);
  if (!at) return;
  at->synced = true;
  for (auto old = sources_.begin(); old != sources_.end();) {
    const auto here = old++;
    if (here->retired && here->plan.name == at->plan.name) remove(here);
  }
  changed();
}

void Sources::on_health(const std::string& source, plugin::Health state, const std::string& text) {
  Source* at = find(source);
  if (!at) return;
  const bool worse = state == plugin::Health::degraded || state == plugin::Health::down;
  if (at->health.state != state || at->health.text != text) {
    if (worse) {
      log::warn(kLog, "source \"{}\" is {}: {}", at->plan.name, plugin::to_string(state), text);
    } else {
      log::info(kLog, "source \"{}\" is {}", at->plan.name, plugin::to_string(state));
    }
  }
  at->health = {state, text};
  changed();
}

// Many services are often published at once: they become one catalog.
void Sources::changed() {
  if (std::exchange(commit_pending_, true)) return;
  services_.control().post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) commit();
  });
}

void Sources::commit() {
  commit_pending_ = false;
  const catalog::Merge::Result result = merge_.commit();
  for (const auto& change : result.changes) {
    const char* what = !change.before ? "is new" : !change.after ? "is gone" : "has changed";
    log::info(kLog, "service \"{}\" {} ({} instances)", change.name, what,
              change.after ? change.after->instances.size() : std::size_t{0});
  }
  for (const auto& at : result.shadowed) {
    log::info(kLog, "service \"{}\" is taken from source \"{}\", not from \"{}\"", at.service, at.used, at.unused);
  }
  for (const auto& at : result.new_problems) {
    log::warn(kLog, "service \"{}\" of source \"{}\" is refused: {}", at.service, at.source, at.reason);
  }
  look_up();
  on_catalog_(result.catalog);
}

// Asks for what services refer to (`name@GROUP`).
void Sources::look_up() {
  for (const std::string& wanted : merge_.lookups()) {
    if (std::find(looking_up_.begin(), looking_up_.end(), wanted) != looking_up_.end()) continue;
    looking_up_.push_back(wanted);
    ask_next({wanted, {}, {}});
  }
}

// The sources are asked in their order, until one has it.
void Sources::ask_next(Question question) {
  const auto able = std::find_if(sources_.begin(), sources_.end(), [&](const Source& at) {
    return !at.retired && at.running && at.running->can_look_up() &&
           std::find(question.asked.begin(), question.asked.end(), at.label) == question.asked.end();
  });
  if (able == sources_.end()) {
    const bool nobody = question.asked.empty();
    merge_.look_up_failed(question.wanted,
                          nobody ? "no source can look up \"" + question.wanted + "\"" : question.errors);
    return answered(question.wanted, !nobody);
  }
  question.asked.push_back(able->label);
  plugin::DiscoverySource& source = *able->running;
  const std::string name = able->plan.name;
  const std::string wanted = question.wanted;
  source.lookup(wanted, [this, name, question = std::move(question), alive = std::weak_ptr(alive_)](
                            std::optional<catalog::Service> found, std::string error) mutable {
    if (alive.expired()) return;
    if (found) {
      merge_.looked_up(question.wanted, found->instances);
      return answered(question.wanted, true);
    }
    question.errors += (question.errors.empty() ? "" : "; ") + name + ": " + error;
    ask_next(std::move(question));
  });
}

void Sources::answered(const std::string& wanted, bool ask_again) {
  std::erase(looking_up_, wanted);
  if (ask_again && !look_up_again_.armed()) look_up_again_.arm(kLookUpAgain);
  const auto result = merge_.commit();
  if (result.changed) on_catalog_(result.catalog);
}

bool Sources::settled() const {
  return std::all_of(sources_.begin(), sources_.end(), [](const Source& at) {
    return at.retired || !at.running || at.synced || at.health.state == plugin::Health::down ||
           at.health.state == plugin::Health::degraded;
  });
}

bool Sources::degraded() const {
  return std::any_of(sources_.begin(), sources_.end(), [](const Source& at) {
    return !at.retired && !at.plan.optional &&
           (at.health.state == plugin::Health::down || at.health.state == plugin::Health::degraded);
  });
}

void Sources::stop(UniqueFunction<void()> done) {
  auto left = std::make_shared<std::size_t>(1);
  auto callback = std::make_shared<UniqueFunction<void()>>(std::move(done));
  const auto one_less = [left, callback] {
    if (--*left == 0) (*callback)();
  };
  for (Source& at : sources_) {
    if (!at.running) continue;
    ++*left;
    at.running->stop([one_less](const std::string&) { one_less(); });
  }
  one_less();
}

json::value Sources::describe() const {
  json::array out;
  for (const Source& at : sources_) {
    json::object source;
    source["name"] = at.plan.name;
    source["plugin"] = at.plan.plugin;
    source["state"] = at.running ? plugin::to_string(at.health.state) : std::string_view("missing");
    if (!at.health.text.empty()) source["text"] = at.health.text;
    source["synced"] = at.synced;
    source["services"] = merge_.count(at.id);
    source["optional"] = at.plan.optional;
    if (at.retired) source["retired"] = true;
    out.push_back(std::move(source));
  }
  return out;
}

}  // namespace mcpr::control
