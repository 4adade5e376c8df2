// One instance of a discovery plugin at work for a source. Control thread.
#pragma once

#include <memory>
#include <string>

#include "host/plugin/discovery_source.hpp"

namespace mcpr::control {

// A source as the configuration wants it.
struct SourcePlan {
  std::string name;
  std::string plugin;  // id or alias
  bool optional = false;
  std::string config;                                  // JSON
  std::shared_ptr<const plugin::LoadedPlugin> loaded;  // null: there is no such plugin
};

class SourceRun;

class SourceEvents {
 public:
  virtual void on_service(SourceRun& run, catalog::Service service) = 0;
  virtual void on_withdrawn(SourceRun& run, const std::string& name) = 0;
  virtual void on_synced(SourceRun& run) = 0;
  virtual void on_health(SourceRun& run) = 0;  // has changed

 protected:
  ~SourceEvents() = default;
};

class SourceRun final : private plugin::SourceListener {
 public:
  SourceRun(const SourcePlan& plan, plugin::HostServices& services, SourceEvents& events)
      : name_(plan.name),
        config_(plan.config),
        plugin_(plan.loaded),
        events_(events),
        instance_(plan.loaded, plan.name, services, *this) {}

  bool start(std::string& error) { return instance_.start(config_, error); }
  void stop(plugin::DiscoverySource::Done done) { instance_.stop(std::move(done)); }

  // Whether it is what the plan wants.
  bool fits(const SourcePlan& plan) const { return plan.loaded == plugin_ && plan.config == config_; }
  const std::string& name() const { return name_; }
  const plugin::LoadedPlugin& plugin() const { return *plugin_; }
  plugin::DiscoverySource& instance() { return instance_; }
  const plugin::SourceHealth& health() const { return health_; }
  bool synced() const { return synced_; }
  bool ailing() const { return health_.state == plugin::Health::down || health_.state == plugin::Health::degraded; }

 private:
  void on_service(const std::string&, catalog::Service service) override {
    events_.on_service(*this, std::move(service));
  }
  void on_withdrawn(const std::string&, const std::string& name) override { events_.on_withdrawn(*this, name); }
  void on_synced(const std::string&) override {
    synced_ = true;
    events_.on_synced(*this);
  }
  void on_health(const std::string&, plugin::Health state, const std::string& text) override {
    health_ = {state, text};
    events_.on_health(*this);
  }

  const std::string name_;
  const std::string config_;
  const std::shared_ptr<const plugin::LoadedPlugin> plugin_;
  SourceEvents& events_;
  plugin::SourceHealth health_;
  bool synced_ = false;
  plugin::DiscoverySource instance_;  // last: hears nothing any more when the others go
};

}  // namespace mcpr::control
