// The instances of naming services, kept up to date while anybody is interested: subscribed by gRPC, or looked at every
// few seconds by HTTP. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fetch_queue.hpp"
#include "link.hpp"
#include "model/names.hpp"
#include "model/service_info.hpp"
#include "options.hpp"
#include "watch_table.hpp"
#include "way.hpp"

namespace mcpr::nacos {

struct Instances {
  std::vector<Host> hosts;
  std::string error;  // why they cannot be read; empty otherwise
  bool operator==(const Instances&) const = default;
};

class Naming {
 public:
  using Table = WatchTable<ServiceKey, Instances>;
  Naming(Rpc& rpc, Api& api, Agenda& agenda, const Options& options);

  [[nodiscard]] Table::Interest watch(const ServiceKey& key, std::function<void()> on_change) {
    return table_.watch(key, std::move(on_change));
  }
  const Instances* find(const ServiceKey& key) const { return table_.find(key); }

  // Everything is asked for anew. For a while, an instance that was known before and is not in the answers is kept: a
  // Nacos that was restarted knows an ephemeral instance only once that has noticed and registered again.
  void use(Way way);
  void pushed(const JsonObject& notify);  // NotifySubscriberRequest

  // Asks once, without keeping an eye on it.
  void once(const ServiceKey& key, std::function<void(const Reply& failed, const ServiceInfo& info)> on_answer);

 private:
  using Outcome = FetchQueue<ServiceKey>::Outcome;
  using Done = FetchQueue<ServiceKey>::Done;
  struct State {
    bool answered = false;  // in this way
    std::int64_t time = 0;
    std::vector<Host> latest;
    std::vector<Host> unconfirmed;  // known before the reconnection, not seen since
  };

  void added(const ServiceKey& key);
  void removed(const ServiceKey& key);
  void fetch(const ServiceKey& key, Done done);
  void ask_by_http(const ServiceKey& key, std::function<void(const Reply&, const ServiceInfo&)> on_answer);
  Outcome answered(const ServiceKey& key, const Reply& failed, const ServiceInfo& info);
  void apply(const ServiceKey& key, const ServiceInfo& info);
  void show(const ServiceKey& key, const State& state);
  void look_again();
  void end_grace();

  Rpc& rpc_;
  Api& api_;
  const Options& options_;
  Way way_ = Way::none;
  std::uint64_t generation_ = 0;
  Table table_;
  FetchQueue<ServiceKey> queue_;
  std::map<ServiceKey, State> states_;
  Agenda::Alarm look_;
  Agenda::Alarm grace_;
  bool v1_ = true;  // the v1 HTTP API is there
};

}  // namespace mcpr::nacos
