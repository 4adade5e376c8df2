// A discovery plugin in C++: derive from Discovery, export with MCPR_PLUGIN.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mcpr/host.hpp"
#include "mcpr/service.hpp"

namespace mcpr::sdk {

// One pending answer. Completes once: what comes later is ignored, and if nothing came when the last copy is gone, it
// fails by itself. May be copied, kept, and completed on any thread.
class Answer {
 public:
  Answer(const mcpr_discovery_sink* sink, mcpr_op* op) : state_(std::make_shared<State>(sink, op)) {}

  void ok() const noexcept { state_->complete(MCPR_OK, nullptr, {}); }
  void found(const Service& service) const {
    const ServiceView plain(service);
    state_->complete(MCPR_OK, plain.c(), {});
  }
  void fail(mcpr_status status, std::string_view text) const noexcept { state_->complete(status, nullptr, text); }

 private:
  struct State {
    State(const mcpr_discovery_sink* to, mcpr_op* what) : sink(to), op(what) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { complete(MCPR_E_INTERNAL, nullptr, "the plugin dropped the request without an answer"); }
    void complete(mcpr_status status, const mcpr_service* service, std::string_view text) noexcept {
      if (!completed.exchange(true)) sink->complete(sink->ctx, op, status, service, str(text));
    }
    const mcpr_discovery_sink* sink;
    mcpr_op* op;
    std::atomic<bool> completed{false};
  };
  std::shared_ptr<State> state_;
};

// Base of a source. Constructed with the configuration, started once, stopped once, destroyed; all of it on the control
// thread. What a function throws becomes its error: throw mcpr::sdk::Error to choose the status.
class Discovery {
 public:
  struct Context {
    Host host;
    const mcpr_discovery_sink* sink;
    std::string_view config;  // JSON object; valid during the constructor
  };
  explicit Discovery(const Context& context) : host_(context.host), sink_(context.sink) {}
  virtual ~Discovery() = default;
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  virtual void start() = 0;  // returns soon; throwing: destroyed without stop
  // The host asks for these only where the plugin's class overrides them.
  virtual void lookup(std::string_view, Answer answer) { answer.fail(MCPR_E_UNSUPPORTED, "no look-ups here"); }
  // Registers or removes the instances of the service at the registry.
  virtual void announce(const Service&, bool /*up*/, Answer answer) {
    answer.fail(MCPR_E_UNSUPPORTED, "read-only source");
  }
  virtual void stop(Answer done) { done.ok(); }  // threads joined, pending answers given, then done

  const Host& host() const { return host_; }
  // [any] False: refused, the host has logged why.
  bool publish(const Service& service) const {
    const ServiceView plain(service);
    return sink_->publish(sink_->ctx, plain.c()) == MCPR_OK;
  }
  void withdraw(std::string_view name) const noexcept { sink_->withdraw(sink_->ctx, str(name)); }
  void synced() const noexcept { sink_->synced(sink_->ctx); }
  void health(std::int32_t state, std::string_view text = {}) const noexcept {
    sink_->health(sink_->ctx, state, str(text));
  }

 private:
  Host host_;
  const mcpr_discovery_sink* sink_;
};

namespace detail {

// A member that D does not override is named by the base's type. One that cannot be named, as it is private or has
// overloads, is D's own.
template <class D>
concept inherits_lookup = requires { requires std::is_same_v<decltype(&D::lookup), decltype(&Discovery::lookup)>; };
template <class D>
concept inherits_announce =
    requires { requires std::is_same_v<decltype(&D::announce), decltype(&Discovery::announce)>; };

template <class D>
class DiscoveryTable {
 public:
  static const mcpr_discovery* create(const mcpr_host* host, const mcpr_discovery_sink* sink, mcpr_str config,
                                      mcpr_err* err) noexcept {
    const mcpr_discovery* made = nullptr;
    guarded(
        [&] {
          auto holder = std::make_unique<DiscoveryTable>(Discovery::Context{Host(host), sink, view(config)});
          made = &holder.release()->table_;  // freed by destroy
        },
        [&](mcpr_status, std::string_view text) { write_error(err, text); });
    return made;
  }

  explicit DiscoveryTable(const Discovery::Context& context) : sink_(context.sink), source_(context) {
    table_.struct_size = sizeof table_;
    table_.self = this;
    table_.start = &start;
    if constexpr (!inherits_lookup<D>) table_.lookup = &lookup;
    if constexpr (!inherits_announce<D>) table_.announce = &announce;
    table_.stop = &stop;
    table_.destroy = &destroy;
  }

 private:
  static DiscoveryTable& of(void* self) { return *static_cast<DiscoveryTable*>(self); }
  Discovery& source() { return source_; }  // D may have made its overrides private
  static mcpr_status start(void* self, mcpr_err* err) noexcept {
    return guarded([&] { of(self).source().start(); },
                   [&](mcpr_status, std::string_view text) { write_error(err, text); });
  }
  // The copy of the answer that stays here outlives the unwinding, so that a failed call is answered with its own text.
  template <class F>
  static void answering(void* self, mcpr_op* op, F&& f) noexcept {
    guarded(
        [&] {
          const Answer answer(of(self).sink_, op);
          guarded([&] { f(answer); }, [&](mcpr_status status, std::string_view text) { answer.fail(status, text); });
        },
        [&](mcpr_status status, std::string_view text) {
          of(self).sink_->complete(of(self).sink_->ctx, op, status, nullptr, str(text));
        });
  }
  static void lookup(void* self, mcpr_str name, mcpr_op* op) noexcept {
    answering(self, op, [&](const Answer& answer) { of(self).source().lookup(view(name), answer); });
  }
  static void announce(void* self, const mcpr_service* service, std::int32_t up, mcpr_op* op) noexcept {
    answering(self, op,
              [&](const Answer& answer) { of(self).source().announce(announced(*service), up != 0, answer); });
  }
  static void stop(void* self, mcpr_op* op) noexcept {
    answering(self, op, [&](const Answer& answer) { of(self).source().stop(answer); });
  }
  static void destroy(void* self) noexcept { const std::unique_ptr<DiscoveryTable> gone(&of(self)); }

  mcpr_discovery table_{};
  const mcpr_discovery_sink* sink_;
  D source_;
};

template <class D>
inline constexpr mcpr_discovery_factory discovery_factory{sizeof(mcpr_discovery_factory), 0,
                                                          &DiscoveryTable<D>::create};

}  // namespace detail
}  // namespace mcpr::sdk
