// Config documents, kept up to date while anybody is interested: by gRPC (query, then listen with the content's MD5, so
// that nothing is missed in between), or by HTTP (read, then long poll). One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "fetch_queue.hpp"
#include "link.hpp"
#include "model/json.hpp"
#include "model/names.hpp"
#include "options.hpp"
#include "watch_table.hpp"
#include "way.hpp"

namespace mcpr::nacos {

struct Document {
  bool present = false;
  std::string text;
  std::string error;  // why it cannot be read; empty otherwise
  bool operator==(const Document&) const = default;
};

class Configs {
 public:
  using Table = WatchTable<ConfigKey, Document>;
  Configs(Rpc& rpc, Api& api, Agenda& agenda, const Options& options);

  [[nodiscard]] Table::Interest watch(const ConfigKey& key, std::function<void()> on_change) {
    return table_.watch(key, std::move(on_change));
  }
  const Document* find(const ConfigKey& key) const { return table_.find(key); }

  void use(Way way);                      // everything is read and listened to anew; what is known stays
  void pushed(const JsonObject& notify);  // ConfigChangeNotifyRequest
  void refresh(const ConfigKey& key);     // somebody else says that it has changed

 private:
  using Outcome = FetchQueue<ConfigKey>::Outcome;
  using Done = FetchQueue<ConfigKey>::Done;

  void added(const ConfigKey& key);
  void removed(const ConfigKey& key);
  void fetch(const ConfigKey& key, Done done);
  void fetch_by_http(const ConfigKey& key, Done done);
  Outcome answered(const ConfigKey& key, const Reply& reply);
  Outcome keep(const ConfigKey& key, Document document, std::string md5);

  void listen();  // by gRPC: what was read since, and what is no longer of interest
  void listen(const std::vector<ConfigKey>& keys, bool on);
  void listened(const std::vector<ConfigKey>& keys, const Reply& reply);
  void long_poll();
  void long_polled(const Reply& reply, Agenda::Time begun);

  Rpc& rpc_;
  Api& api_;
  Agenda& agenda_;
  const Options& options_;
  Way way_ = Way::none;
  std::uint64_t generation_ = 0;  // answers of an earlier way are not for us
  Table table_;
  FetchQueue<ConfigKey> queue_;
  std::map<ConfigKey, std::string> md5_;  // of what was read in this way; empty: absent
  std::set<ConfigKey> to_listen_;
  std::set<ConfigKey> to_leave_;
  Backoff listen_backoff_;
  Agenda::Alarm listen_soon_;
  bool v1_ = true;             // the v1 HTTP API is there
  bool can_long_poll_ = true;  // else everything is read again at each look
  bool long_polling_ = false;
};

}  // namespace mcpr::nacos
