// The sources of discovery-order and the catalog that is merged from them. Control thread.
#pragma once

#include <boost/json/value.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/catalog/merge.hpp"
#include "host/control/source_run.hpp"
#include "host/control/takeover.hpp"
#include "host/net/timer.hpp"

namespace mcpr::control {

class Sources final : private SourceEvents {
 public:
  using OnCatalog = UniqueFunction<void(const catalog::CatalogPtr&)>;

  // on_takeover: a successor has taken over or was given up; never inside plan().
  Sources(plugin::HostServices& services, OnCatalog on_catalog, Task on_takeover);
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // How long a successor has to publish; for those that start from here on.
  void set_takeover_timeout(net::Millis limit) { takeover_timeout_ = limit; }

  // Starts what is new, replaces what is configured otherwise or whose plugin is another one, stops what is gone. The
  // instance that runs serves until its successor has published all that it has. Problems are texts, one for each
  // source that is wanted and cannot be started.
  std::vector<std::string> plan(const std::vector<SourcePlan>& plans, const std::vector<std::string>& service_names);
  void stop(UniqueFunction<void()> done);
  // Registers the service's instances at every source that can, also at those that come later, until another is given.
  void announce(std::optional<catalog::Service> service);

  // How those sources fare that are to use this plugin.
  struct Usage {
    std::size_t running = 0;
    std::size_t pending = 0;  // a successor that has not taken over yet
    std::string failure;      // of one that does not run with it
  };
  Usage usage(const plugin::LoadedPlugin& plugin) const;
  bool uses(const plugin::LoadedPlugin& plugin) const;

  // Every source has published its first full load, or has said that it cannot; and the catalog shows it.
  bool settled() const;
  bool degraded() const;
  const catalog::CatalogPtr& catalog() const { return merge_.catalog(); }
  boost::json::value describe() const;  // for the admin listener
  std::vector<catalog::Merge::Statement> statements(std::string_view service) const {
    return merge_.statements(service);
  }

  // Services that are looked up by name (sources_by_name.cpp). The source may be gone meanwhile.
  std::vector<std::string> able();  // the sources that can look up, in their order
  void look_up(const std::string& source, const std::string& name, plugin::DiscoverySource::Answered answered);
  bool put(const std::string& source, catalog::Service service);       // into the catalog, as that source's
  void drop(const std::string& source, const std::string& name);       // out of it
  void set_on_publish(UniqueFunction<void(const std::string&)> hook);  // a source publishes a service of that name

 private:
  struct Successor {
    std::unique_ptr<SourceRun> run;
    Takeover takeover;
    net::Timer limit;
  };
  struct Source {
    SourcePlan plan;  // what is wanted
    catalog::Merge::SourceId id = 0;
    std::unique_ptr<SourceRun> running;    // may be of an earlier plan
    std::unique_ptr<Successor> successor;  // only while there is one that runs
    std::string problem;                   // why what is wanted does not run
  };

  void on_service(SourceRun& run, catalog::Service service) override;
  void on_withdrawn(SourceRun& run, const std::string& name) override;
  void on_synced(SourceRun& run) override;
  void on_health(SourceRun& run) override;

  void adapt(Source& source);
  std::unique_ptr<SourceRun> launch(Source& source);  // null: cannot be started, the problem says why
  void step(Source& source);
  void take_over(Source& source);
  void give_up(Source& source);
  void remove(std::list<Source>::iterator at);
  void let_go(std::unique_ptr<SourceRun> run);
  Source* named(const std::string& name);
  Source* running(const SourceRun* run);  // only compared, as it may be gone
  Source* succeeding(const SourceRun* run);
  void set_order();
  void changed();
  void commit();
  void look_up();
  struct Question {
    std::string wanted;
    std::vector<std::string> asked;  // names of sources
    std::string errors;
  };
  void ask_next(Question question);
  void answered(const std::string& wanted, bool ask_again);
  void announce_at(SourceRun& run, const catalog::Service& service, bool up);

  plugin::HostServices& services_;
  OnCatalog on_catalog_;
  Task on_takeover_;
  net::Millis takeover_timeout_{30'000};
  UniqueFunction<void(const std::string&)> on_publish_;
  catalog::Merge merge_;
  std::list<Source> sources_;  // in discovery order
  std::list<std::unique_ptr<SourceRun>> stopping_;
  UniqueFunction<void()> stopped_;  // when nothing is stopping any more
  std::vector<std::string> looking_up_;
  std::optional<catalog::Service> announced_;
  bool commit_pending_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  net::Timer look_up_again_;
};

}  // namespace mcpr::control
