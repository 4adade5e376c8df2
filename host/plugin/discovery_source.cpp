#include "host/plugin/discovery_source.hpp"

#include <atomic>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "host/net/timer.hpp"
#include "host/plugin/abi.hpp"
#include "host/plugin/host_table.hpp"
#include "host/plugin/plugin_call.hpp"
#include "host/plugin/service_from_abi.hpp"
#include "host/plugin/service_to_abi.hpp"

namespace mcpr::plugin {

namespace {
constexpr std::uint32_t kDiscoverySize = 56;  // at ABI 1.0
}

// Lives until the plugin's instance is destroyed, however long that takes. Everything but the sink's functions runs on
// the control thread.
class DiscoverySource::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(std::shared_ptr<const LoadedPlugin> plugin, std::string name, HostServices& services, SourceListener& listener,
       Limits limits)
      : plugin_(std::move(plugin)),
        host_(HostTable::make(services, std::move(name))),
        services_(services),
        listener_(&listener),
        limits_(limits) {
    sink_.struct_size = sizeof sink_;
    sink_.ctx = this;
    sink_.publish = [](void* ctx, const mcpr_service* service) { return of(ctx).publish(service); };
    sink_.withdraw = [](void* ctx, mcpr_str name) { of(ctx).withdraw(view(name)); };
    sink_.synced = [](void* ctx) { of(ctx).report_synced(); };
    sink_.health = [](void* ctx, std::int32_t state, mcpr_str text) { of(ctx).report_health(state, view(text)); };
    sink_.complete = [](void* ctx, mcpr_op* op, mcpr_status status, const mcpr_service* service, mcpr_str error) {
      of(ctx).complete(op, status, service, view(error));
    };
  }

  bool start(const std::string& config, std::string& error);
  bool try_create(const std::string& config, std::string& error);
  void lookup(const std::string& name, Answered answered);
  void announce(const catalog::Service& service, bool up, Done done);
  void stop(Done done);

  const LoadedPlugin& plugin() const { return *plugin_; }
  const std::string& name() const { return host_->source(); }
  const mcpr_discovery& table() const { return table_; }
  SourceHealth health() const { return health_; }
  bool synced() const { return synced_; }

 private:
  enum class State : std::uint8_t { made, running, stopping, gone };
  struct Answer {
    mcpr_status status;
    std::optional<catalog::Service> service;
    std::string error;
  };
  struct Pending {
    UniqueFunction<void(Answer)> done;
    std::unique_ptr<net::Timer> limit;
  };

  static Core& of(void* ctx) { return *static_cast<Core*>(ctx); }
  // Those that have not stopped in time: one that never does stays until the end of the process.
  static std::set<std::shared_ptr<Core>>& stuck() {
    static auto* const never_destroyed = new std::set<std::shared_ptr<Core>>;
    return *never_destroyed;
  }
  void log(int level, std::string_view text) { services_.log(level, name(), text); }

  // [any], called by the plugin
  mcpr_status publish(const mcpr_service* service);
  void withdraw(std::string_view name);
  void report_synced();
  void report_health(std::int32_t state, std::string_view text);
  void complete(mcpr_op* op, mcpr_status status, const mcpr_service* service, std::string_view error);
  template <class F>
  void tell(F&& f);  // runs f(listener) on the control thread, unless the source was stopped by then

  mcpr_op* expect(std::chrono::milliseconds limit, std::string what, UniqueFunction<void(Answer)> done);
  void answer(std::uint64_t op, Answer answer);
  bool create(const std::string& config, std::string& error);
  void end();  // the plugin has stopped, or never began: waits for its tasks and destroys it
  void stop_done(std::string error);

  std::shared_ptr<const LoadedPlugin> plugin_;
  std::shared_ptr<HostTable> host_;
  HostServices& services_;
  SourceListener* listener_;  // null: stopped
  const Limits limits_;
  mcpr_discovery_sink sink_{};
  mcpr_discovery table_{};
  State state_ = State::made;
  std::atomic<bool> deaf_{false};  // what the plugin says is dropped
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t last_op_ = 0;
  SourceHealth health_;
  bool synced_ = false;
  std::vector<Done> stop_callbacks_;
  std::unique_ptr<net::Timer> stop_limit_;
  std::string overdue_;  // it has not stopped in time
};

bool DiscoverySource::Core::create(const std::string& config, std::string& error) {
  if (state_ != State::made) {
    error = "the source was started before";
    return false;
  }
  state_ = State::gone;
  if (!plugin_->discovery()) {
    error = "plugin " + plugin_->id() + " is not a discovery plugin";
    return false;
  }
  ErrorText text;
  const mcpr_discovery* made = nullptr;
  const auto create = whole(plugin_->discovery()).create;
  if (!create) {
    error = "its discovery factory has no create";
    return false;
  }
  if (!call_plugin(services_, name(), "create", error,
                   [&] { made = create(host_->c(), &sink_, str(config), text.out()); })) {
    return false;
  }
  if (!made) {
    error = text.text();
    return false;
  }
  if (!fits(made->struct_size, kDiscoverySize) || !made->start || !made->stop || !made->destroy) {
    error = "its discovery table is incomplete: it needs struct_size >= " + std::to_string(kDiscoverySize) +
            ", start, stop and destroy";
    return false;
  }
  table_ = whole(made);
  return true;
}

bool DiscoverySource::Core::start(const std::string& config, std::string& error) {
  if (!create(config, error)) return false;
  mcpr_status status = MCPR_OK;
  ErrorText start_text;
  const bool returned =
      call_plugin(services_, name(), "start", error, [&] { status = table_.start(table_.self, start_text.out()); });
  if (returned && status == MCPR_OK) {
    state_ = State::running;
    return true;
  }
  if (returned) error = start_text.text();
  end();
  return false;
}

bool DiscoverySource::Core::try_create(const std::string& config, std::string& error) {
  if (!create(config, error)) return false;
  end();
  return true;
}

template <class F>
void DiscoverySource::Core::tell(F&& f) {
  services_.control().post([self = shared_from_this(), f = std::forward<F>(f)]() mutable {
    if (self->listener_) f(*self, *self->listener_);
  });
}

mcpr_status DiscoverySource::Core::publish(const mcpr_service* service) {
  if (deaf_.load()) return MCPR_E_CANCELLED;
  catalog::Service copy;
  std::string error = "a service without data";
  if (!service || !service_from_abi(*service, copy, error)) {
    log(MCPR_LOG_ERROR, "refused what the plugin published: " + error);
    return MCPR_E_INVALID;
  }
  tell([copy = std::move(copy)](Core& self, SourceListener& to) mutable {
    to.on_service(self.name(), std::move(copy));
  });
  return MCPR_OK;
}

void DiscoverySource::Core::withdraw(std::string_view name) {
  if (deaf_.load()) return;
  tell([name = std::string(name)](Core& self, SourceListener& to) { to.on_withdrawn(self.name(), name); });
}

void DiscoverySource::Core::report_synced() {
  if (deaf_.load()) return;
  tell([](Core& self, SourceListener& to) {
    if (!std::exchange(self.synced_, true)) to.on_synced(self.name());
  });
}

void DiscoverySource::Core::report_health(std::int32_t state, std::string_view text) {
  if (deaf_.load()) return;
  if (state < MCPR_HEALTH_STARTING || state > MCPR_HEALTH_DOWN) {
    log(MCPR_LOG_ERROR, "the plugin reported a health of " + std::to_string(state) + ", which is none");
    return;
  }
  tell([health = static_cast<Health>(state), text = std::string(text)](Core& self, SourceListener& to) {
    if (self.health_.state == health && self.health_.text == text) return;
    self.health_ = {health, text};
    to.on_health(self.name(), health, text);
  });
}

// An op is a number, so that an answer that comes late, or twice, finds nothing and does no harm.
mcpr_op* DiscoverySource::Core::expect(std::chrono::milliseconds limit, std::string what,
                                       UniqueFunction<void(Answer)> done) {
  const std::uint64_t op = ++last_op_;
  Pending& pending = pending_[op];
  pending.done = std::move(done);
  if (limit.count() > 0) {
    pending.limit = std::make_unique<net::Timer>(services_.control(), [this, op, limit, what = std::move(what)] {
      answer(op, {MCPR_E_TIMEOUT, {}, what + " was not answered within " + std::to_string(limit.count()) + " ms"});
    });
    pending.limit->arm(limit);
  }
  return reinterpret_cast<mcpr_op*>(static_cast<std::uintptr_t>(op));
}

void DiscoverySource::Core::complete(mcpr_op* op, mcpr_status status, const mcpr_service* service,
                                     std::string_view error) {
  Answer got{status, {}, std::string(error)};
  if (status == MCPR_OK && service) {
    catalog::Service copy;
    if (service_from_abi(*service, copy, got.error)) {
      got.service = std::move(copy);
    } else {
      got.status = MCPR_E_INVALID;
    }
  }
  if (got.status != MCPR_OK && got.error.empty()) got.error = "failed with status " + std::to_string(got.status);
  const auto id = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(op));
  services_.control().post(
      [self = shared_from_this(), id, got = std::move(got)]() mutable { self->answer(id, std::move(got)); });
}

void DiscoverySource::Core::answer(std::uint64_t op, Answer answer) {
  const auto found = pending_.find(op);
  if (found == pending_.end()) return;
  const auto self = shared_from_this();
  UniqueFunction<void(Answer)> done = std::move(found->second.done);
  pending_.erase(found);
  done(std::move(answer));
}

void DiscoverySource::Core::lookup(const std::string& name, Answered answered) {
  const auto self = shared_from_this();
  const char* problem = state_ != State::running ? "the source is not running"
                        : !table_.lookup         ? "the source cannot look up services by name"
                                                 : nullptr;
  if (problem) {
    services_.control().post([answered = std::move(answered), problem]() mutable { answered({{}, false, problem}); });
    return;
  }
  mcpr_op* op = expect(limits_.answer, "the look-up of " + name, [answered = std::move(answered)](Answer got) mutable {
    if (got.status == MCPR_OK && !got.service) got.error = "the plugin answered without a service";
    answered({std::move(got.service), got.status == MCPR_E_NOT_FOUND, std::move(got.error)});
  });
  std::string error;
  if (!call_plugin(services_, this->name(), "lookup", error, [&] { table_.lookup(table_.self, str(name), op); })) {
    complete(op, MCPR_E_INTERNAL, nullptr, error);
  }
}

void DiscoverySource::Core::announce(const catalog::Service& service, bool up, Done done) {
  const auto self = shared_from_this();
  const char* problem = state_ != State::running ? "the source is not running"
                        : !table_.announce       ? "the source is read-only"
                                                 : nullptr;
  if (problem) {
    services_.control().post([done = std::move(done), problem]() mutable { done(problem); });
    return;
  }
  const ServiceToAbi plain(service);
  mcpr_op* op = expect(limits_.answer, "the announcement of " + service.name,
                       [done = std::move(done)](Answer got) mutable { done(std::move(got.error)); });
  std::string error;
  if (!call_plugin(services_, name(), "announce", error, [&] { table_.announce(table_.self, plain.c(), up, op); })) {
    complete(op, MCPR_E_INTERNAL, nullptr, error);
  }
}

void DiscoverySource::Core::stop(Done done) {
  listener_ = nullptr;
  deaf_.store(true);
  if (state_ == State::made) state_ = State::gone;
  if (state_ == State::gone) {
    services_.control().post([done = std::move(done)]() mutable { done({}); });
    return;
  }
  if (!overdue_.empty()) {
    services_.control().post([done = std::move(done), error = overdue_]() mutable { done(error); });
    return;
  }
  stop_callbacks_.push_back(std::move(done));
  if (!stop_limit_) {
    stop_limit_ = std::make_unique<net::Timer>(services_.control(), [self = this] {
      self->overdue_ = "did not stop within " + std::to_string(self->limits_.stop.count()) + " ms";
      self->log(MCPR_LOG_ERROR, self->overdue_ + "; it stays in memory");
      stuck().insert(self->shared_from_this());
      self->stop_done(self->overdue_);
    });
    stop_limit_->arm(limits_.stop);
  }
  if (state_ == State::stopping) return;
  state_ = State::stopping;
  const auto self = shared_from_this();
  // The answer holds the core, until it comes.
  mcpr_op* op = expect(std::chrono::milliseconds(0), "stop", [self](Answer got) {
    if (got.status != MCPR_OK) self->log(MCPR_LOG_WARN, "stop: " + got.error);
    self->end();
  });
  std::string error;
  if (!call_plugin(services_, name(), "stop", error, [&] { table_.stop(table_.self, op); })) {
    complete(op, MCPR_E_INTERNAL, nullptr, error);
  }
}

void DiscoverySource::Core::end() {
  deaf_.store(true);
  listener_ = nullptr;
  state_ = State::stopping;
  host_->close([self = shared_from_this()] {
    run_plugin(self->services_, self->name(), "destroy", [&] { self->table_.destroy(self->table_.self); });
    self->table_ = {};
    self->state_ = State::gone;
    stuck().erase(self);
    while (!self->pending_.empty()) {
      self->answer(self->pending_.begin()->first, {MCPR_E_CANCELLED, {}, "the source was stopped"});
    }
    self->stop_done({});
  });
}

void DiscoverySource::Core::stop_done(std::string error) {
  stop_limit_.reset();
  for (Done& done : std::exchange(stop_callbacks_, {})) done(error);
}

DiscoverySource::DiscoverySource(std::shared_ptr<const LoadedPlugin> plugin, std::string name, HostServices& services,
                                 SourceListener& listener, Limits limits)
    : core_(std::make_shared<Core>(std::move(plugin), std::move(name), services, listener, limits)) {}

DiscoverySource::~DiscoverySource() {
  core_->stop([](const std::string&) {});
}

bool DiscoverySource::start(std::string config_json, std::string& error) { return core_->start(config_json, error); }
bool DiscoverySource::try_create(std::string config_json, std::string& error) {
  return core_->try_create(config_json, error);
}
bool DiscoverySource::can_look_up() const { return core_->table().lookup != nullptr; }
bool DiscoverySource::can_announce() const { return core_->table().announce != nullptr; }
void DiscoverySource::lookup(std::string name, Answered answered) { core_->lookup(name, std::move(answered)); }
void DiscoverySource::lookup(std::string name, Found found) {
  core_->lookup(
      name, [found = std::move(found)](LookedUp got) mutable { found(std::move(got.service), std::move(got.error)); });
}
void DiscoverySource::announce(const catalog::Service& service, bool up, Done done) {
  core_->announce(service, up, std::move(done));
}
const std::string& DiscoverySource::name() const { return core_->name(); }
const LoadedPlugin& DiscoverySource::plugin() const { return core_->plugin(); }
SourceHealth DiscoverySource::health() const { return core_->health(); }
bool DiscoverySource::synced() const { return core_->synced(); }
void DiscoverySource::stop(Done done) { core_->stop(std::move(done)); }

}  // namespace mcpr::plugin
