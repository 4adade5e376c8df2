#include "source.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mcpr::nacos {
namespace {

using Clock = std::chrono::steady_clock;

Settings checked(std::string_view json) {
  Settings settings;
  std::string error;
  if (!read_settings(json, settings, error)) throw sdk::Error(MCPR_E_CONFIG, error);
  return settings;
}

}  // namespace

Source::Source(const Context& context)
    : Discovery(context),
      settings_(checked(context.config)),
      timer_(context.host, [this] { agenda_.run(); }),
      agenda_([] { return Clock::now(); }, [this] { rearm(); }),
      transports_(context.host, settings_, agenda_,
                  {[this](const std::string& line) { host().info(line); },
                   [this](const std::string& text) { sync_.refused_without_login(text); }}),
      sync_(transports_.rpc(), transports_.api(), agenda_, settings_.sync, settings_.grpc.on, out()) {}

Sync::Out Source::out() {
  Sync::Out out;
  out.publish = [this](const sdk::Service& service) { publish(service); };
  out.withdraw = [this](const std::string& name) { withdraw(name); };
  out.note = [this](const std::string& line) { host().info(line); };
  out.warn = [this](const std::string& line) { host().warn(line); };
  out.synced = [this] { synced(); };
  out.health = [this](std::int32_t state, const std::string& text) { health(state, text); };
  return out;
}

std::string Source::unused() const {
  if (!settings_.configured) return "not configured: set server-addr under mcp.router.nacos";
  return settings_.enabled ? "" : "switched off (enabled: false)";
}

void Source::start() {
  if (const std::string why = unused(); !why.empty()) {
    host().info(why);
    health(MCPR_HEALTH_UP, why);
    return synced();
  }
  for (const std::string& note : settings_.notes) host().info(note);
  if (settings_.grpc.on) {
    transports_.rpc().start(
        {[this] { sync_.connected(); }, [this](const std::string& why) { sync_.lost(why); },
         [this](const std::string& type, const JsonObject& message) { sync_.pushed(type, message); }});
  }
  sync_.start();
}

void Source::lookup(std::string_view name, sdk::Answer answer) {
  if (const std::string why = unused(); !why.empty()) return answer.fail(MCPR_E_UNAVAILABLE, why);
  sync_.lookups().find(name, [answer = std::move(answer)](const Lookups::Answer& found) {
    found.status == MCPR_OK ? answer.found(found.service) : answer.fail(found.status, found.error);
  });
}

void Source::announce(const sdk::Service& service, bool up, sdk::Answer answer) {
  std::string why = unused();
  if (why.empty() && !settings_.grpc.on) why = "announcing needs gRPC, which is switched off";
  if (!why.empty()) return answer.fail(MCPR_E_UNAVAILABLE, why);
  sync_.announcements().announce(service, up, [answer = std::move(answer)](const std::string& error) {
    error.empty() ? answer.ok() : answer.fail(MCPR_E_UNAVAILABLE, error);
  });
}

void Source::stop(sdk::Answer done) {
  sync_.stop([this, done = std::move(done)] {
    transports_.stop([this, done] {
      stopped_ = true;
      timer_.cancel();
      done.ok();
    });
  });
}

void Source::rearm() {
  const std::optional<Agenda::Time> next = agenda_.next();
  if (stopped_ || !next) return timer_.cancel();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
  timer_.once(static_cast<std::uint64_t>(std::max<std::int64_t>(left.count(), 0)));
}

}  // namespace mcpr::nacos
