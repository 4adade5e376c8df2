// The sources of discovery-order and the catalog that is merged from them. Control thread.
#pragma once

#include <boost/json/value.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/catalog/merge.hpp"
#include "host/net/timer.hpp"
#include "host/plugin/discovery_source.hpp"
#include "host/plugin/registry.hpp"

namespace mcpr::control {

// A source as the configuration wants it.
struct SourcePlan {
  std::string name;
  std::string plugin;  // id or alias
  bool optional = false;
  std::string config;  // JSON
  bool operator==(const SourcePlan&) const = default;
};

class Sources final : public plugin::SourceListener {
 public:
  using OnCatalog = UniqueFunction<void(const catalog::CatalogPtr&)>;

  Sources(plugin::Registry& registry, plugin::HostServices& services, OnCatalog on_catalog);
  ~Sources() override;

  // Starts what is new, replaces what is configured otherwise, stops what is gone. The old instance of a source serves
  // until the new one has published. Problems are texts, one for each source that could not be started.
  std::vector<std::string> plan(const std::vector<SourcePlan>& plans, const std::vector<std::string>& service_names);
  void stop(UniqueFunction<void()> done);
  // Registers the service's instances at every source that can, also at those that come later, until another is given.
  void announce(std::optional<catalog::Service> service);

  // Every source has published its first full load, or has said that it cannot.
  bool settled() const;
  bool degraded() const;
  const catalog::CatalogPtr& catalog() const { return merge_.catalog(); }
  boost::json::value describe() const;  // for the admin listener
  std::vector<catalog::Merge::Statement> statements(std::string_view service) const {
    return merge_.statements(service);
  }

  // Services that are looked up by name (sources_by_name.cpp). A source is called by its label, which may be that of
  // one that is gone.
  std::vector<std::string> able() const;  // those that can look up, in their order
  void look_up(const std::string& label, const std::string& name, plugin::DiscoverySource::Answered answered);
  bool put(const std::string& label, catalog::Service service);        // into the catalog, as that source's
  void drop(const std::string& label, const std::string& name);        // out of it
  void set_on_publish(UniqueFunction<void(const std::string&)> hook);  // a source publishes a service of that name

 private:
  struct Source {
    SourcePlan plan;
    std::string label;  // unique among all that ever ran: what the listener is called with
    catalog::Merge::SourceId id = 0;
    std::unique_ptr<plugin::DiscoverySource> running;  // null: the plugin is missing
    std::string problem;
    plugin::SourceHealth health;
    bool synced = false;
    bool retired = false;  // stops when its successor has published
  };

  void on_service(const std::string& source, catalog::Service service) override;
  void on_withdrawn(const std::string& source, const std::string& name) override;
  void on_synced(const std::string& source) override;
  void on_health(const std::string& source, plugin::Health state, const std::string& text) override;

  Source* find(const std::string& label);
  void launch(Source& source);
  void announce_at(Source& source, const catalog::Service& service, bool up);
  void remove(std::list<Source>::iterator at);
  void set_order();
  void changed();
  void commit();
  void look_up();
  struct Question {
    std::string wanted;
    std::vector<std::string> asked;  // labels
    std::string errors;
  };
  void ask_next(Question question);
  void answered(const std::string& wanted, bool ask_again);

  plugin::Registry& registry_;
  plugin::HostServices& services_;
  OnCatalog on_catalog_;
  UniqueFunction<void(const std::string&)> on_publish_;
  catalog::Merge merge_;
  std::list<Source> sources_;  // in discovery order; a retired one right behind its successor
  std::list<std::unique_ptr<plugin::DiscoverySource>> stopping_;
  std::vector<std::string> looking_up_;
  std::optional<catalog::Service> announced_;
  std::uint64_t generation_ = 0;
  bool commit_pending_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  net::Timer look_up_again_;
};

}  // namespace mcpr::control
