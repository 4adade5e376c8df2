#include "source.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace mcpr::sqlite {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kQuiet{20};  // a writer touches its files several times
// A database that changes all the time takes a fifth of a thread, unless that would make a commit wait too long.
constexpr int kRestPerWork = 4;
constexpr milliseconds kRestAtMost{500};

Config checked(std::string_view json) {
  Config config;
  std::string error;
  if (!read_config(json, config, error)) throw sdk::Error(MCPR_E_CONFIG, error);
  return config;
}

}  // namespace

Source::Source(const Context& context)
    : Discovery(context),
      config_(checked(context.config)),
      poll_(context.host, [this] { look(); }),
      soon_(context.host, [this] { look(); }),
      mirror_(folder_of(config_.path), config_.table),
      strand_(context.host) {}

void Source::start() {
  std::string ignored;
  for (const std::string& key : config_.ignored) ignored += (ignored.empty() ? "" : ", ") + key;
  if (!ignored.empty()) host().info("keys of a database server, which mean nothing for a file: " + ignored);
  if (!config_.enabled) {
    host().info("switched off by enabled: false");
    health(MCPR_HEALTH_UP);
    return synced();
  }
  folder_.open();
  if (folder_.fd() >= 0) {
    events_.emplace(host(), folder_.fd(), MCPR_FD_READ, [this](std::uint32_t) {
      folder_.drain();
      look_in(kQuiet);
    });
  }
  poll_.every(static_cast<std::uint64_t>(config_.poll.count()));
  look();
}

void Source::stop(sdk::Answer done) {
  stopped_ = true;
  stop_.set();
  events_.reset();
  poll_.cancel();
  soon_.cancel();
  strand_.when_idle([done] { done.ok(); });
}

void Source::look_in(Clock::duration time) {
  if (stopped_ || soon_.armed()) return;
  soon_.once(static_cast<std::uint64_t>(std::max<std::int64_t>(duration_cast<milliseconds>(time).count(), 1)));
}

void Source::look() {
  if (stopped_) return;
  if (looking_) {
    look_again_ = true;
    return;
  }
  if (const auto rest = rest_until_ - Clock::now(); rest > Clock::duration::zero()) return look_in(rest);
  looking_ = true;
  look_again_ = false;
  auto rest = std::make_shared<Clock::duration>();
  strand_.run([this, rest] { *rest = refresh(); },
              [this, rest] {
                looking_ = false;
                rest_until_ = Clock::now() + *rest;
                if (look_again_) look_in(*rest);
              });
}

Source::Clock::duration Source::refresh() {
  const Clock::time_point began = Clock::now();
  try {
    folder_.watch(config_.path);
    if (const auto reading = reader_.read()) {
      if (!reading->hint.empty()) host().info(reading->hint);
      publish(mirror_.take(*reading));
    }
    say(MCPR_HEALTH_UP, {});
    if (!std::exchange(loaded_, true)) synced();
    return std::min<Clock::duration>((Clock::now() - began) * kRestPerWork, kRestAtMost);
  } catch (const Failure& failure) {
    if (stop_.is_set()) return {};
    say(loaded_ ? MCPR_HEALTH_DEGRADED : MCPR_HEALTH_DOWN,
        failure.what() + std::string(loaded_ ? "; what was read before stays" : ""));
  }
  return kRestAtMost;
}

void Source::say(std::int32_t state, std::string text) {
  if (said_ == std::pair(state, text)) return;
  health(state, text);
  said_ = {state, std::move(text)};
}

// New and changed ones first, so that a service that moves to another name is never missing under both.
void Source::publish(Mirror::Changes changes) {
  for (const std::string& note : changes.notes) host().warn(note);
  for (reader::Service& service : changes.publish) {
    service.revision = ++revision_;
    Discovery::publish(service);
  }
  for (const std::string& name : changes.withdraw) withdraw(name);
}

void Source::lookup(std::string_view name, sdk::Answer answer) {
  strand_.run([this, name = std::string(name), answer = std::move(answer)] { this->answer(name, answer); });
}

// A name alone, or name@GROUP where the group names this source: all others belong to registries that have groups.
void Source::answer(const std::string& reference, const sdk::Answer& answer) {
  const std::string name = reference.substr(0, reference.find('@'));
  const std::string group = name.size() < reference.size() ? reference.substr(name.size() + 1) : "";
  const bool is_ours = group.empty() || group == host().source_name() || group == "sqlite" || group == "database";
  if (!is_ours) return answer.fail(MCPR_E_NOT_FOUND, "the database has no group '" + group + "'");
  if (!config_.enabled) return answer.fail(MCPR_E_NOT_FOUND, "the database is switched off");
  if (stop_.is_set()) return answer.fail(MCPR_E_CANCELLED, "the source stops");
  refresh();
  try {
    std::optional<Entry> queried;
    const Entry* found = mirror_.find(name);
    if (!mirror_.is_own(name) && !config_.query_sql.empty()) {
      const std::optional<ServiceRow> row = reader_.query(name);
      if (row) queried = to_service(*row, folder_of(config_.path));
      found = row ? &*queried : nullptr;
    }
    if (!found) return answer.fail(MCPR_E_NOT_FOUND, config_.path + " has no service '" + name + "'");
    const reader::Service& service = found->service;
    if (!service.enabled) return answer.fail(MCPR_E_NOT_FOUND, "service '" + name + "' is disabled in the database");
    if (!service.unroutable.empty())
      return answer.fail(MCPR_E_NOT_FOUND, "service '" + name + "': " + service.unroutable);
    if (!service.lookup.empty()) {
      return answer.fail(MCPR_E_NOT_FOUND, "service '" + name + "' refers to " + service.lookup + " itself");
    }
    answer.found(service);
  } catch (const Failure& failure) {
    answer.fail(MCPR_E_UNAVAILABLE, failure.what());
  }
}

}  // namespace mcpr::sqlite
