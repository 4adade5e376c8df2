// Asks the sources, one after the other, for services that clients name and that nobody has published. What is found
// enters the catalog and is kept while it is used. Control thread, but for what is said.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "host/control/lookups.hpp"
#include "host/control/sources.hpp"
#include "host/net/timer.hpp"
#include "host/route/name_lookup.hpp"
#include "host/upstream/directory.hpp"

namespace mcpr::control {

class NameLookup final : public route::NameLookup {
 public:
  NameLookup(net::Loop& loop, Sources& sources);

  void set_options(const Lookups::Limits& limits, std::vector<std::string> service_names);
  void published(upstream::DirectoryPtr directory);  // the data threads have it now

  bool worth_asking(std::string_view name) const override;                     // [any]
  void look_up(std::string name, UniqueFunction<void(Answer)> done) override;  // [any]

 private:
  struct Asked {
    std::vector<UniqueFunction<void(Answer)>> waiting;
    bool overtaken = false;  // a source has published it meanwhile
  };
  struct Kept {
    std::string source;
    catalog::Service service;
  };

  void want(const std::string& name, UniqueFunction<void(Answer)> done);
  void ask(const std::string& name);
  void ask_next(const std::string& name, std::vector<std::string> sources, bool failed);
  void answered(const std::string& name, const std::string& source, catalog::Service service);
  void not_found(const std::string& name, bool failed);
  void when_shown(const std::string& name);
  void finish(const std::string& name, Answer answer);
  void drop(const std::string& name);
  void source_publishes(const std::string& name);
  void look_again();
  void arm();
  bool there(const std::string& name) const { return shown_->find(name) != upstream::Directory::kNone; }

  net::Loop& loop_;
  Sources& sources_;
  upstream::DirectoryPtr shown_ = std::make_shared<upstream::Directory>();
  Lookups lookups_;
  std::vector<std::string> service_names_;  // only these; empty: all
  std::map<std::string, Asked> asked_;      // until they are answered
  std::set<std::string> appearing_;         // found, and not yet shown to the data threads
  std::map<std::string, Kept> kept_;
  std::atomic<bool> able_{false};
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  net::Timer timer_;
};

}  // namespace mcpr::control
