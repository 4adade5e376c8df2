#include "sync.hpp"

#include <algorithm>

namespace mcpr::nacos {
namespace {

const std::string kConnection = "connection";
const std::string kNothing = "nothing to read";
constexpr Millis kReportSoon{10};  // so that what comes together is told together

}  // namespace

Sync::Sync(Rpc& rpc, Api& api, Agenda& agenda, Options options, bool can_push, Out out)
    : options_(std::move(options)),
      out_(std::move(out)),
      report_soon_(agenda, [this] { report(); }),
      problems_([this](const std::string& text) {
        if (!text.empty() && !stopped_) out_.warn(text);
        report_soon_.sooner(kReportSoon);
      }),
      board_({[this](const sdk::Service& service) {
                if (!stopped_) out_.publish(service);
              },
              [this](const std::string& name) {
                if (!stopped_) out_.withdraw(name);
              },
              [this](const std::string& line) { out_.note(line); }},
             options_.names),
      claims_([this](const ServiceKey& key) {
        for (const auto& group : groups_) group->claimed(key);
      }),
      configs_(rpc, api, agenda, options_),
      naming_(rpc, api, agenda, options_),
      parts_{rpc,
             api,
             agenda,
             options_,
             configs_,
             naming_,
             board_,
             claims_,
             problems_,
             [this](const std::string& line) {
               if (!stopped_) out_.note(line);
             },
             [this] { progressed(); }},
      lookups_(parts_),
      announcements_(parts_),
      choice_(agenda, can_push, [this](Way way) { use(way); }) {
  for (std::size_t i = 0; i < options_.namespaces.size(); ++i) {
    const std::string& ns = options_.namespaces[i];
    if (options_.registry) registries_.push_back(std::make_unique<Registry>(parts_, ns, i));
    for (std::size_t j = 0; j < options_.groups.size(); ++j) {
      groups_.push_back(std::make_unique<Group>(parts_, ns, i, options_.groups[j], j));
      // Until it is known whether there is a registry, whose own this group is.
      if (options_.registry && groups_.back()->is_registrys_own()) groups_.back()->yield(true);
    }
  }
}

Sync::~Sync() {
  stopped_ = true;
  registries_.clear();  // while the groups are there: they hear of claims that end
  groups_.clear();
}

void Sync::connected() {
  problems_.clear(kConnection);
  choice_.connected();
}

void Sync::lost(const std::string& why) {
  problems_.set(kConnection, "no gRPC connection to Nacos: " + why);
  choice_.lost();
}

void Sync::refused_without_login(const std::string& why) {
  if (!why.empty()) return problems_.set(kLoginProblem, why);
  // What was refused meanwhile may be allowed now.
  if (problems_.clear(kLoginProblem)) choice_.again();
}

void Sync::use(Way way) {
  configs_.use(way);
  naming_.use(way);
  for (const auto& registry : registries_) registry->use(way);
  for (const auto& group : groups_) group->use(way);
  announcements_.use(way);
}

void Sync::pushed(const std::string& type, const JsonObject& message) {
  if (type == "NotifySubscriberRequest") return naming_.pushed(message);
  if (type == "ConfigChangeNotifyRequest") return configs_.pushed(message);
  for (const auto& registry : registries_) registry->pushed(type, message);
  for (const auto& group : groups_) group->pushed(type, message);
}

void Sync::progressed() {
  bool missing = false;
  for (const auto& registry : registries_) {
    missing = missing || registry->missing();
    if (!registry->loaded()) continue;
    for (const auto& group : groups_) {
      if (group->is_registrys_own() && group->ns() == registry->ns()) group->yield(!registry->missing());
    }
  }
  if (missing && groups_.empty()) {
    problems_.set(kNothing,
                  "this Nacos has no MCP registry (it is older than 3.0), and no groups are configured whose "
                  "services are MCP servers");
  } else {
    problems_.clear(kNothing);
  }
  const auto loaded = [](const auto& part) { return part->loaded(); };
  if (loaded_ || !std::all_of(registries_.begin(), registries_.end(), loaded) ||
      !std::all_of(groups_.begin(), groups_.end(), loaded)) {
    return;
  }
  loaded_ = true;
  report();
  out_.synced();
}

void Sync::report() {
  if (stopped_) return;
  const std::string text = problems_.summary();
  std::int32_t state = MCPR_HEALTH_UP;
  if (!loaded_) {
    state = text.empty() ? MCPR_HEALTH_STARTING : MCPR_HEALTH_DOWN;
  } else if (!text.empty()) {
    state = MCPR_HEALTH_DEGRADED;
  }
  if (state == state_ && text == text_) return;
  state_ = state;
  text_ = text;
  out_.health(state, text);
}

void Sync::stop(std::function<void()> done) {
  stopped_ = true;
  report_soon_.cancel();
  lookups_.stop();
  announcements_.withdraw_all([this, done = std::move(done)] {
    choice_.stop();
    done();
  });
}

}  // namespace mcpr::nacos
