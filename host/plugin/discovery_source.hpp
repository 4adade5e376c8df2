// One running source: an instance of a discovery plugin under a name of the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/catalog/model.hpp"
#include "host/plugin/host_services.hpp"
#include "host/plugin/loaded_plugin.hpp"
#include "host/util/unique_function.hpp"

namespace mcpr::plugin {

enum class Health : std::uint8_t { starting, up, degraded, down };

constexpr std::string_view to_string(Health health) {
  constexpr std::string_view kNames[] = {"starting", "up", "degraded", "down"};
  return kNames[static_cast<std::size_t>(health)];
}

struct SourceHealth {
  Health state = Health::starting;
  std::string text;  // what is wrong
};

// Hears what a source finds: on the control thread, in order, never inside a call of DiscoverySource. Everything is a
// copy.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  virtual void on_service(const std::string& source, catalog::Service service) = 0;  // replaces the one of that name
  virtual void on_withdrawn(const std::string& source, const std::string& name) = 0;
  virtual void on_synced(const std::string& source) = 0;  // once, when the first full load has been published
  virtual void on_health(const std::string& source, Health state, const std::string& text) = 0;
};

// All functions on the control thread.
class DiscoverySource {
 public:
  // The service, or none and why.
  using Found = UniqueFunction<void(std::optional<catalog::Service>, std::string error)>;
  struct LookedUp {
    std::optional<catalog::Service> service;
    bool absent = false;  // the source has answered that there is none
    std::string error;    // why there is no service
  };
  using Answered = UniqueFunction<void(LookedUp)>;
  using Done = UniqueFunction<void(std::string error)>;  // empty: done

  struct Limits {
    std::chrono::milliseconds answer{30'000};  // of a look-up or an announcement
    std::chrono::milliseconds stop{5'000};
  };

  DiscoverySource(std::shared_ptr<const LoadedPlugin> plugin, std::string name, HostServices& services,
                  SourceListener& listener)
      : DiscoverySource(std::move(plugin), std::move(name), services, listener, Limits{}) {}
  DiscoverySource(std::shared_ptr<const LoadedPlugin> plugin, std::string name, HostServices& services,
                  SourceListener& listener, Limits limits);
  ~DiscoverySource();  // stops it, where that was not done
  DiscoverySource(const DiscoverySource&) = delete;
  DiscoverySource& operator=(const DiscoverySource&) = delete;

  // Once. False: the plugin refused, error says why, and nothing of it runs.
  bool start(std::string config_json, std::string& error);
  // In place of start(): makes an instance and destroys it again. stop() calls back when that is done.
  bool try_create(std::string config_json, std::string& error);

  bool can_look_up() const;
  bool can_announce() const;
  // The callbacks come later, never inside these. They come also when the source is stopped or does not answer in time.
  void lookup(std::string name, Answered answered);
  void lookup(std::string name, Found found);
  void announce(const catalog::Service& service, bool up, Done done);  // registers or removes its instances

  const std::string& name() const;
  const LoadedPlugin& plugin() const;
  SourceHealth health() const;
  bool synced() const;

  // From here on the listener hears nothing. Calls back when the plugin's instance is gone, or, with the error, when it
  // is not within the limit: it then stays in memory and is destroyed should it stop later.
  void stop(Done done);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace mcpr::plugin
