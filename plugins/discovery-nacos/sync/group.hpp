// A group of plain naming all of whose services are MCP servers (Nacos 1.x, 2.x, r-nacos; 3.x where configured): lists
// them every few seconds, and at once where Nacos tells that one has come or gone. One thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "group_service.hpp"
#include "parts.hpp"

namespace mcpr::nacos {

class Group {
 public:
  Group(Parts& parts, std::string ns, std::size_t ns_position, const Options::Group& group, std::size_t position);

  void use(Way way);
  // NamingFuzzyWatchSyncRequest, NamingFuzzyWatchChangeNotifyRequest; of any group.
  void pushed(std::string_view type, const JsonObject& message);
  void claimed(const ServiceKey& key);  // or no longer
  // The registry has what stands here: nothing is published.
  void yield(bool on);

  bool is_registrys_own() const { return name_ == kEndpointsGroup; }
  const std::string& ns() const { return ns_; }
  const std::string& name() const { return name_; }
  const NamingRules& rules() const { return rules_; }
  bool loaded() const { return loaded_ || yielded_; }

 private:
  void list();
  void read_page(std::size_t page);
  void read_page_by_http(std::size_t page);
  void page_answered(std::size_t page, Reply reply);
  void failed(const Reply& reply);
  void complete();
  bool takes(std::string_view name) const;
  void review();
  std::string where() const { return "the group " + name_ + " of namespace " + ns_; }

  Parts& parts_;
  const std::string ns_, name_;
  NamingRules rules_;
  Rank rank_;
  std::string pattern_;
  Way way_ = Way::none;
  std::uint64_t generation_ = 0;
  bool yielded_ = false;
  bool listing_ = false;
  bool listed_ = false;
  bool loaded_ = false;
  bool v1_ = true;  // the v1 HTTP API is there
  std::set<std::string> reading_;
  std::map<std::string, std::unique_ptr<GroupService>> services_;
  Agenda::Time keep_until_{};  // until then nothing is dropped: see Naming::use
  Backoff backoff_;
  Agenda::Alarm look_;
  Agenda::Alarm review_soon_;
};

}  // namespace mcpr::nacos
