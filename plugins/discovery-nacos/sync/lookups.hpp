// Finds one service when asked: `name@GROUP[/path]` in plain naming; a bare name among what is published, then in the
// registry, then in the configured groups. Namespaces are tried in their order. One thread.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "model/naming_service.hpp"
#include "parts.hpp"

namespace mcpr::nacos {

class Lookups {
 public:
  struct Answer {
    mcpr_status status = MCPR_OK;
    sdk::Service service;
    std::string error;
  };
  using Done = std::function<void(Answer)>;

  explicit Lookups(Parts& parts) : parts_(parts) {}
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;
  ~Lookups();

  void find(std::string_view name, Done done);
  void stop();  // answers what is under way, and refuses what comes

 private:
  struct Search;
  using SearchPtr = std::shared_ptr<Search>;

  void plan(Search& search);
  void next(const SearchPtr& search);
  void answer(const SearchPtr& search, Answer answer);
  void found(const SearchPtr& search, sdk::Service service);
  void failed(const SearchPtr& search, const Reply& reply);
  void in_naming(const SearchPtr& search, const ServiceKey& key, const NamingRules& rules);
  void in_registry(const SearchPtr& search, const std::string& ns);
  void detail(const SearchPtr& search, const std::string& ns, const Summary& summary);

  Parts& parts_;
  std::set<SearchPtr> searches_;
  bool stopped_ = false;
};

}  // namespace mcpr::nacos
