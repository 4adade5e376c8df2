#include "announcements.hpp"

#include <utility>

namespace mcpr::nacos {
namespace {

constexpr Millis kLeaveWithin{1'500};

JsonArray instances_of(const sdk::Service& service) {
  JsonArray out;
  for (const sdk::Instance& instance : service.instances) {
    JsonObject metadata;
    for (const auto& [key, value] : service.metadata) metadata[key] = value;
    for (const auto& [key, value] : instance.metadata) metadata[key] = value;
    if (!service.version.empty() && !metadata.contains("version")) metadata["version"] = service.version;
    out.push_back(JsonObject{{"ip", instance.host},
                             {"port", instance.port},
                             {"weight", instance.weight_milli / 1000.0},
                             {"healthy", instance.healthy},
                             {"enabled", instance.enabled},
                             {"ephemeral", true},
                             {"clusterName", instance.zone.empty() ? "DEFAULT" : instance.zone},
                             {"metadata", std::move(metadata)}});
  }
  return out;
}

// A connection holds one publication of a service: several instances go into one request.
std::pair<std::string_view, JsonObject> request_of(const ServiceKey& key, const JsonArray& instances, bool up) {
  JsonObject body{{"namespace", key.ns}, {"serviceName", key.name}, {"groupName", key.group}, {"module", "naming"}};
  if (up && instances.size() != 1) {
    body["type"] = "batchRegisterInstance";
    body["instances"] = instances;
    return {"BatchInstanceRequest", std::move(body)};
  }
  body["type"] = up ? "registerInstance" : "deregisterInstance";
  if (!instances.empty()) body["instance"] = instances.front();
  return {"InstanceRequest", std::move(body)};
}

}  // namespace

Announcements::Announcements(Parts& parts)
    : parts_(parts),
      backoff_(Millis(1'000), Millis(10'000)),
      again_(parts.agenda, [this] { enter_all(); }),
      patience_(parts.agenda, [this] {
        if (on_left_) std::exchange(on_left_, {})();
      }) {}

bool Announcements::key_of(const sdk::Service& service, ServiceKey& out) const {
  const std::optional<Reference> name = parse_reference(service.name);
  if (!name || !name->path.empty()) return false;
  out = {parts_.options.announce_namespace, name->group.empty() ? parts_.options.announce_group : name->group,
         name->name};
  return true;
}

void Announcements::announce(const sdk::Service& service, bool up, Done done) {
  ServiceKey key;
  if (!key_of(service, key)) return done("'" + service.name + "' is not of the form name or name@GROUP");
  const auto known = entries_.find(key);
  if (!up) {
    const JsonArray instances = known != entries_.end() ? known->second.instances : instances_of(service);
    if (known != entries_.end()) entries_.erase(known);
    // Without a connection Nacos drops it by itself.
    return way_ == Way::push ? remove(key, instances, std::move(done)) : done({});
  }
  JsonArray instances = instances_of(service);
  if (instances.empty()) return done("'" + service.name + "' has no instance to register");
  entries_[key] = {std::move(instances), false};
  if (way_ == Way::push) return enter(key, std::move(done));
  done("there is no gRPC connection to Nacos: " + key.str() + " is registered once there is one");
}

void Announcements::use(Way way) {
  way_ = way;
  ++generation_;
  again_.cancel();
  backoff_.succeeded();
  for (auto& item : entries_) item.second.registered = false;
  if (way_ == Way::push) enter_all();
}

void Announcements::enter_all() {
  std::vector<ServiceKey> keys;
  for (const auto& [key, entry] : entries_) {
    if (!entry.registered) keys.push_back(key);
  }
  for (const ServiceKey& key : keys) {
    enter(key, [this, key](const std::string& error) {
      if (!error.empty()) parts_.note(key.str() + " is not registered: " + error);
    });
  }
}

void Announcements::enter(const ServiceKey& key, Done done) {
  auto [type, body] = request_of(key, entries_.at(key).instances, true);
  parts_.rpc.request(type, std::move(body), [this, key, done = std::move(done), at = generation_](const Reply& reply) {
    const auto entry = entries_.find(key);
    if (at == generation_ && entry != entries_.end()) {
      entry->second.registered = reply.ok;
      if (reply.ok) backoff_.succeeded();
      if (!reply.ok && !again_.set()) again_.after(backoff_.failed());
    }
    done(reply.ok ? "" : reply.error);
  });
}

void Announcements::remove(const ServiceKey& key, const JsonArray& instances, Done done) {
  auto [type, body] = request_of(key, instances, false);
  parts_.rpc.request(type, std::move(body),
                     [done = std::move(done)](const Reply& reply) { done(reply.ok ? "" : reply.error); });
}

void Announcements::withdraw_all(std::function<void()> done) {
  again_.cancel();
  const std::map<ServiceKey, Entry> entries = std::exchange(entries_, {});
  if (way_ != Way::push || entries.empty()) return done();
  on_left_ = std::move(done);
  leaving_ = entries.size();
  patience_.after(kLeaveWithin);
  for (const auto& [key, entry] : entries) {
    remove(key, entry.instances, [this](const std::string&) {
      if (--leaving_ > 0 || !on_left_) return;
      patience_.cancel();
      std::exchange(on_left_, {})();
    });
  }
}

}  // namespace mcpr::nacos
