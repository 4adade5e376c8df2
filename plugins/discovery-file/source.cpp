#include "source.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "read_file.hpp"

namespace mcpr::file {
namespace {

using std::chrono::milliseconds;

// A file that is written in several steps is read after the last one; one that is written all the time is read anyway.
constexpr milliseconds kQuiet{75};
constexpr milliseconds kQuietAtMost{400};
constexpr std::uint64_t kPollMs = 1'000;
constexpr std::uint64_t kRetryMs = 250;

Config checked(std::string_view json) {
  Config config;
  std::string error;
  if (!read_config(json, config, error)) throw sdk::Error(MCPR_E_CONFIG, error);
  Reading reading;
  const Context context{{}, config.base_dir, process_environment};
  read_services(config.services, "services", context, reading);
  for (const Issue& issue : reading.errors) error += (error.empty() ? "" : "; ") + issue.text;
  if (!error.empty()) throw sdk::Error(MCPR_E_CONFIG, error);
  return config;
}

}  // namespace

Source::Source(const Context& context)
    : Discovery(context),
      config_(checked(context.config)),
      quiet_(context.host, [this] { begin_load(); }),
      poll_(context.host, [this] { begin_load(); }) {}

void Source::start() {
  const bool nothing_to_watch = config_.files.empty() && config_.folders.empty() && config_.mcp_servers.empty();
  if (nothing_to_watch) return apply(load(config_, process_environment));
  watcher_.open();
  if (watcher_.fd() >= 0) {
    events_.emplace(host(), watcher_.fd(), MCPR_FD_READ, [this](std::uint32_t) {
      if (watcher_.drain()) changed();
    });
  }
  begin_load();
}

void Source::stop(sdk::Answer done) {
  // A load that is under way on the pool ends before we are destroyed, and what it finds is dropped.
  stopped_ = true;
  events_.reset();
  quiet_.cancel();
  poll_.cancel();
  done.ok();
}

void Source::changed() {
  const Clock::time_point now = Clock::now();
  if (!first_change_) first_change_ = now;
  const auto left = std::chrono::duration_cast<milliseconds>(*first_change_ + kQuietAtMost - now);
  quiet_.once(static_cast<std::uint64_t>(std::clamp(left, milliseconds(1), kQuiet).count()));
}

void Source::begin_load() {
  if (stopped_) return;
  if (loading_) {
    load_again_ = true;
    return;
  }
  first_change_.reset();
  loading_ = host().run_blocking([this] {
    // Where posting fails the host is stopping, and nobody wants to know any more.
    host().post([this, loaded = load_now()] {
      loading_ = false;
      if (stopped_) return;
      apply(loaded);
      if (std::exchange(load_again_, false)) changed();
    });
  });
  if (!loading_) quiet_.once(kRetryMs);
}

Loaded Source::load_now() {
  // Watch first, then read: what changes in between is seen as an event. A link that is swapped while its target is
  // being looked for makes the plan wrong, and shows as a plan that differs.
  WatchPlan plan = watch_plan(config_);
  for (int i = 0; i < 5; ++i) {
    watcher_.watch(plan);
    WatchPlan again = watch_plan(config_);
    if (again == plan) break;
    plan = std::move(again);
  }
  return load(config_, process_environment);
}

void Source::apply(const Loaded& loaded) {
  if (loaded.errors.empty() || !whole_) publish(loaded.services);
  whole_ = whole_ || loaded.errors.empty();
  report(loaded);
  synced();
  // A directory that cannot be watched is looked at instead.
  if (watcher_.problem().empty()) {
    poll_.cancel();
  } else if (!poll_.armed()) {
    poll_.every(kPollMs);
  }
}

// New and changed ones first, so that a service that moves to another name is never missing under both.
void Source::publish(const std::vector<Found>& services) {
  std::set<std::string_view> names;
  for (const Found& found : services) {
    names.insert(found.service.name);
    const auto [at, added] = published_.try_emplace(found.service.name, found.service);
    if (!added) {
      if (at->second == found.service) continue;
      at->second = found.service;
    }
    Service service = found.service;
    service.revision = ++revision_;
    Discovery::publish(service);
  }
  std::erase_if(published_, [&](const auto& item) {
    const bool gone = names.count(item.first) == 0;
    if (gone) withdraw(item.first);
    return gone;
  });
}

void Source::report(const Loaded& loaded) {
  std::vector<std::pair<std::int32_t, std::string>> lines;
  const std::string kept = whole_ ? " (the file's change is not applied)" : " (the file is not used)";
  for (const Issue& error : loaded.errors) lines.emplace_back(MCPR_LOG_ERROR, error.str());
  for (const std::string& path : loaded.missing) lines.emplace_back(MCPR_LOG_WARN, path + ": not there");
  const std::string blind = watcher_.problem();
  if (!blind.empty()) lines.emplace_back(MCPR_LOG_WARN, blind + "; the files are looked at every second instead");
  const std::size_t problems = lines.size();
  for (const Issue& note : loaded.notes) lines.emplace_back(MCPR_LOG_WARN, note.str());

  std::vector<std::string> said;
  for (const auto& [level, text] : lines) {
    if (std::find(said_.begin(), said_.end(), text) == said_.end()) host().log(level, text);
    said.push_back(text);
  }
  said_ = std::move(said);

  if (problems == 0) return health(MCPR_HEALTH_UP);
  std::string text = lines.front().second;
  if (!loaded.errors.empty()) text += kept;
  if (problems > 1) text += ", and " + std::to_string(problems - 1) + " more";
  health(MCPR_HEALTH_DEGRADED, text);
}

}  // namespace mcpr::file
