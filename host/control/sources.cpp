#include "host/control/sources.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "host/util/log.hpp"

namespace mcpr::control {

namespace json = boost::json;

namespace {
constexpr net::Millis kLookUpAgain{30'000};
constexpr std::string_view kLog = "discovery";

catalog::Merge::WallTime now() { return std::chrono::system_clock::now(); }
}  // namespace

Sources::Sources(plugin::HostServices& services, OnCatalog on_catalog, Task on_takeover)
    : services_(services),
      on_catalog_(std::move(on_catalog)),
      on_takeover_(std::move(on_takeover)),
      look_up_again_(services.control(), [this] { look_up(); }) {}

Sources::~Sources() = default;

// ---- what is wanted ----

std::vector<std::string> Sources::plan(const std::vector<SourcePlan>& plans,
                                       const std::vector<std::string>& service_names) {
  std::vector<std::string> problems;
  merge_.set_filter(service_names);
  std::list<Source> next;
  for (const SourcePlan& plan : plans) {
    const auto known =
        std::find_if(sources_.begin(), sources_.end(), [&](const Source& at) { return at.plan.name == plan.name; });
    if (known != sources_.end()) {
      next.splice(next.end(), sources_, known);
    } else {
      next.emplace_back().id = merge_.add_source(plan.name);
    }
    Source& source = next.back();
    source.plan = plan;
    adapt(source);
    if (!source.problem.empty() && !plan.optional) problems.push_back(source.problem);
  }
  sources_.swap(next);
  while (!next.empty()) {
    sources_.splice(sources_.end(), next, next.begin());
    remove(std::prev(sources_.end()));
  }
  set_order();
  changed();
  return problems;
}

void Sources::adapt(Source& source) {
  const SourcePlan& plan = source.plan;
  if (source.successor && !source.successor->run->fits(plan)) let_go(std::move(source.successor->run));
  if (source.successor && !source.successor->run) source.successor.reset();
  if (source.running && source.running->fits(plan)) {
    source.problem.clear();
    return;
  }
  if (source.successor) return;
  if (!plan.loaded || !plan.loaded->discovery()) {
    std::string problem = "source \"" + plan.name + "\": " +
                          (plan.loaded ? "the plugin \"" + plan.plugin + "\" is not a discovery plugin"
                                       : "no plugin \"" + plan.plugin + "\" is installed");
    if (problem != source.problem) {
      log::message<std::string>(plan.optional ? log::Level::info : log::Level::error, kLog, "{}", problem);
    }
    source.problem = std::move(problem);
    if (source.running) {
      const auto gone = merge_.replace(source.id, {}, now());
      log::warn(kLog, "source \"{}\" is drained: its plugin is gone, {} services are withdrawn", plan.name, gone.gone);
      let_go(std::move(source.running));
    }
    return;
  }
  std::unique_ptr<SourceRun> run = launch(source);
  if (!run) return;
  if (!source.running) {
    source.running = std::move(run);
    if (announced_) announce_at(*source.running, *announced_, true);
    return;
  }
  source.successor.reset(new Successor{std::move(run), Takeover(net::Clock::now(), takeover_timeout_),
                                       net::Timer(services_.control(), [this, &source] { step(source); })});
  source.successor->limit.arm_at(source.successor->takeover.deadline());
}

std::unique_ptr<SourceRun> Sources::launch(Source& source) {
  const SourcePlan& plan = source.plan;
  auto run = std::make_unique<SourceRun>(plan, services_, static_cast<SourceEvents&>(*this));
  std::string error;
  if (run->start(error)) {
    source.problem.clear();
    return run;
  }
  source.problem = "source \"" + plan.name + "\" cannot start with version " +
                   plugin::version_text(plan.loaded->info()) + " of its plugin: " + error;
  if (source.running) source.problem += "; the instance that runs goes on";
  log::error(kLog, "{}", source.problem);
  return nullptr;
}

void Sources::remove(std::list<Source>::iterator at) {
  merge_.remove_source(at->id);
  if (at->successor) let_go(std::move(at->successor->run));
  if (at->running) let_go(std::move(at->running));
  sources_.erase(at);
}

void Sources::let_go(std::unique_ptr<SourceRun> run) {
  SourceRun* gone = run.get();
  stopping_.push_back(std::move(run));
  gone->stop([this, gone, alive = std::weak_ptr(alive_)](const std::string& error) {
    if (alive.expired()) return;
    if (!error.empty()) log::warn(kLog, "source \"{}\" does not stop: {}", gone->name(), error);
    stopping_.remove_if([&](const auto& held) { return held.get() == gone; });
    if (stopping_.empty() && stopped_) std::exchange(stopped_, nullptr)();
  });
}

void Sources::set_order() {
  std::vector<catalog::Merge::SourceId> order;
  for (const Source& at : sources_) order.push_back(at.id);
  merge_.set_order(order);
}

// ---- what the instances say ----

Sources::Source* Sources::running(const SourceRun* run) {
  const auto at = std::find_if(sources_.begin(), sources_.end(), [&](Source& s) { return s.running.get() == run; });
  return at == sources_.end() ? nullptr : &*at;
}

Sources::Source* Sources::succeeding(const SourceRun* run) {
  const auto at = std::find_if(sources_.begin(), sources_.end(),
                               [&](Source& s) { return s.successor && s.successor->run.get() == run; });
  return at == sources_.end() ? nullptr : &*at;
}

void Sources::on_service(SourceRun& run, catalog::Service service) {
  auto shared = std::make_shared<const catalog::Service>(std::move(service));
  if (Source* at = succeeding(&run)) {
    at->successor->takeover.published(std::move(shared));
  } else if (Source* source = running(&run)) {
    if (on_publish_) on_publish_(shared->name);
    merge_.publish(source->id, std::move(shared), now());
    changed();
  }
}

void Sources::on_withdrawn(SourceRun& run, const std::string& name) {
  if (Source* at = succeeding(&run)) {
    at->successor->takeover.withdrawn(name);
  } else if (Source* source = running(&run)) {
    merge_.withdraw(source->id, name);
    changed();
  }
}

void Sources::on_synced(SourceRun& run) {
  if (Source* at = succeeding(&run)) {
    at->successor->takeover.synced();
    step(*at);
  } else {
    changed();
  }
}

void Sources::on_health(SourceRun& run) {
  const plugin::SourceHealth& health = run.health();
  Source* successor = succeeding(&run);
  const char* who = successor ? "the successor of source" : "source";
  if (run.ailing()) {
    log::warn(kLog, "{} \"{}\" is {}: {}", who, run.name(), plugin::to_string(health.state), health.text);
  } else {
    log::info(kLog, "{} \"{}\" is {}", who, run.name(), plugin::to_string(health.state));
  }
  if (!successor) return changed();
  successor->successor->takeover.health(health);
  step(*successor);
}

// ---- successors ----

void Sources::step(Source& source) {
  switch (source.successor->takeover.step(net::Clock::now())) {
    case Takeover::Step::wait: return;
    case Takeover::Step::take_over: take_over(source); break;
    case Takeover::Step::give_up: give_up(source); break;
  }
  on_takeover_();
}

void Sources::take_over(Source& source) {
  const std::unique_ptr<Successor> successor = std::move(source.successor);
  const std::vector<catalog::ServicePtr> services = successor->takeover.services();
  if (on_publish_) {
    for (const catalog::ServicePtr& service : services) on_publish_(service->name);
  }
  const catalog::Merge::Difference found = merge_.replace(source.id, services, now());
  log::info(kLog, "source \"{}\": version {} takes over from {} with {} services, {} new, {} gone, {} changed",
            source.plan.name, plugin::version_text(successor->run->plugin().info()),
            plugin::version_text(source.running->plugin().info()), found.services, found.fresh, found.gone,
            found.changed);
  let_go(std::exchange(source.running, std::move(successor->run)));
  if (announced_) announce_at(*source.running, *announced_, true);
  source.problem.clear();
  commit();  // as one change, with nothing in between
}

void Sources::give_up(Source& source) {
  const std::unique_ptr<Successor> successor = std::move(source.successor);
  source.problem = "source \"" + source.plan.name + "\": version " +
                   plugin::version_text(successor->run->plugin().info()) + " " + successor->takeover.why_given_up() +
                   "; the instance that runs goes on";
  log::error(kLog, "{}", source.problem);
  let_go(std::move(successor->run));
}

bool Sources::uses(const plugin::LoadedPlugin& plugin) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const Source& at) {
    return (at.running && &at.running->plugin() == &plugin) ||
           (at.successor && &at.successor->run->plugin() == &plugin);
  });
}

Sources::Usage Sources::usage(const plugin::LoadedPlugin& plugin) const {
  Usage out;
  for (const Source& at : sources_) {
    if (at.plan.loaded.get() != &plugin) continue;
    if (at.running && &at.running->plugin() == &plugin) {
      ++out.running;
    } else if (at.successor) {
      ++out.pending;
    } else {
      out.failure = at.problem;
    }
  }
  return out;
}

// ---- the catalog ----

// Many services are often published at once: they become one catalog.
void Sources::changed() {
  if (std::exchange(commit_pending_, true)) return;
  services_.control().post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && commit_pending_) commit();
  });
}

void Sources::commit() {
  commit_pending_ = false;
  const catalog::Merge::Result result = merge_.commit();
  for (const auto& change : result.changes) {
    if (change.before && change.after && *change.before == *change.after) continue;  // only its source is another
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
    return at.running && at.running->instance().can_look_up() &&
           std::find(question.asked.begin(), question.asked.end(), at.plan.name) == question.asked.end();
  });
  if (able == sources_.end()) {
    const bool nobody = question.asked.empty();
    merge_.look_up_failed(question.wanted,
                          nobody ? "no source can look up \"" + question.wanted + "\"" : question.errors);
    return answered(question.wanted, !nobody);
  }
  SourceRun* run = able->running.get();
  question.asked.push_back(able->plan.name);
  const std::string wanted = question.wanted;
  run->instance().lookup(wanted, [this, run, question = std::move(question), alive = std::weak_ptr(alive_)](
                                     std::optional<catalog::Service> found, std::string error) mutable {
    if (alive.expired() || stopped_) return;
    if (found) {
      merge_.looked_up(question.wanted, found->instances);
      return answered(question.wanted, true);
    }
    if (running(run)) {
      question.errors += (question.errors.empty() ? "" : "; ") + question.asked.back() + ": " + error;
    } else {
      question.asked.pop_back();  // it was stopped: its successor has not been asked
    }
    ask_next(std::move(question));
  });
}

void Sources::answered(const std::string& wanted, bool ask_again) {
  std::erase(looking_up_, wanted);
  if (ask_again && !look_up_again_.armed()) look_up_again_.arm(kLookUpAgain);
  const auto result = merge_.commit();
  if (result.changed) on_catalog_(result.catalog);
}

// ---- the router itself as a service ----

void Sources::announce(std::optional<catalog::Service> service) {
  if (service == announced_) return;
  const std::optional<catalog::Service> before = std::exchange(announced_, std::move(service));
  for (Source& at : sources_) {
    if (!at.running) continue;
    if (before) announce_at(*at.running, *before, false);
    if (announced_) announce_at(*at.running, *announced_, true);
  }
}

void Sources::announce_at(SourceRun& run, const catalog::Service& service, bool up) {
  if (!run.instance().can_announce()) return;
  run.instance().announce(service, up, [name = run.name(), what = service.name, up](const std::string& error) {
    const char* done = up ? "registered" : "removed";
    if (error.empty()) {
      log::info(kLog, "this router is {} as \"{}\" at source \"{}\"", done, what, name);
    } else {
      log::warn(kLog, "this router is not {} as \"{}\" at source \"{}\": {}", done, what, name, error);
    }
  });
}

// ---- how it is ----

bool Sources::settled() const {
  return !commit_pending_ && std::all_of(sources_.begin(), sources_.end(), [](const Source& at) {
    return !at.running || at.running->synced() || at.running->ailing();
  });
}

bool Sources::degraded() const {
  return std::any_of(sources_.begin(), sources_.end(), [](const Source& at) {
    return !at.plan.optional && (!at.problem.empty() || (at.running && at.running->ailing()));
  });
}

void Sources::stop(UniqueFunction<void()> done) {
  for (Source& at : sources_) {
    if (at.successor) let_go(std::move(at.successor->run));
    at.successor.reset();
    if (at.running) let_go(std::move(at.running));
  }
  if (stopping_.empty()) return done();
  stopped_ = std::move(done);
}

json::value Sources::describe() const {
  json::array out;
  for (const Source& at : sources_) {
    json::object source;
    source["name"] = at.plan.name;
    source["plugin"] = at.plan.plugin;
    if (at.running) {
      source["version"] = at.running->plugin().info().version;
      source["state"] = plugin::to_string(at.running->health().state);
      if (!at.running->health().text.empty()) source["text"] = at.running->health().text;
    } else {
      source["state"] = at.plan.loaded ? "down" : "missing";
    }
    if (!at.problem.empty()) source["problem"] = at.problem;
    if (at.successor) source["successor"] = plugin::version_text(at.successor->run->plugin().info());
    source["synced"] = at.running && at.running->synced();
    source["services"] = merge_.count(at.id);
    source["optional"] = at.plan.optional;
    out.push_back(std::move(source));
  }
  return out;
}

}  // namespace mcpr::control
