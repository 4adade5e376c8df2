// Nacos 3's MCP registry of one namespace: which servers there are. Learns it from a fuzzy watch on the names of their
// documents, and from the list by HTTP, which also shows whether the watch tells of all of them: a Nacos watches a
// limited number of documents. Without a watch, or beyond its limit, the list is read again and again. One thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "fetch_queue.hpp"
#include "parts.hpp"
#include "server_record.hpp"

namespace mcpr::nacos {

class Registry {
 public:
  Registry(Parts& parts, std::string ns, std::size_t position);

  void use(Way way);
  // ConfigFuzzyWatchSyncRequest, ConfigFuzzyWatchChangeNotifyRequest; of any namespace.
  void pushed(std::string_view type, const JsonObject& message);

  const std::string& ns() const { return ns_; }
  bool loaded() const { return loaded_; }    // once everything that there was has been published
  bool missing() const { return missing_; }  // this Nacos has no registry

 private:
  enum class Watch : std::uint8_t { none, asked, complete, refused };
  enum class List : std::uint8_t { unknown, known, refused };

  void ask_watch();
  void watch_failed(const std::string& why);
  void changed(std::string_view group_key, std::string_view change);

  void read_list();
  void read_page(std::size_t page);
  void page_answered(std::size_t page, Reply reply);
  void list_failed(const Reply& reply);
  void set_missing(bool missing);
  void list_complete();
  void look();  // the alarm: list again, or compare the number of servers
  void compare_count();

  void review();  // drops records that nobody knows of, and finds out what is loaded and what has to be polled
  ServerRecord& record(const std::string& key, const std::string& id, const std::string& name);
  void forget(const std::string& key);
  void fetch_detail(const std::string& key, FetchQueue<std::string>::Done done);
  bool limited() const;
  std::string where() const { return "the MCP registry of namespace " + ns_; }

  Parts& parts_;
  std::string ns_;
  Rank rank_;
  std::string pattern_;
  Way way_ = Way::none;
  std::uint64_t generation_ = 0;
  bool loaded_ = false;
  bool missing_ = false;

  Watch watch_ = Watch::none;
  List list_ = List::unknown;
  bool listing_ = false;
  std::set<std::string> seen_;  // ids that the watch tells of
  std::map<std::string, Summary> listed_, reading_;
  std::map<std::string, std::unique_ptr<ServerRecord>> records_;
  FetchQueue<std::string> details_;
  Backoff backoff_;
  Agenda::Alarm look_;
  Agenda::Alarm patience_;     // with a watch that does not begin
  Agenda::Alarm review_soon_;  // records settle in bursts, and inside calls of their own
};

}  // namespace mcpr::nacos
