// A Nacos in memory behind the two interfaces that the plugin talks to one with, and a clock that the test moves. It
// answers as Nacos 3.1 was seen to; answers and pushes wait in one queue until `run` delivers them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "link.hpp"
#include "model/json.hpp"
#include "model/names.hpp"
#include "sync/agenda.hpp"

namespace mcpr::nacos::test {

struct FakeHost {
  std::string ip = "127.0.0.1";
  int port = 9001;
  bool healthy = true;
  bool enabled = true;
  double weight = 1;
  std::map<std::string, std::string> metadata{};
  std::string cluster = "DEFAULT";
};

class FakeNacos final : public Rpc, public Api {
 public:
  FakeNacos() : agenda([this] { return now; }) {}

  // Rpc
  void start(Events events) override { events_ = std::move(events); }
  void request(std::string_view type, JsonObject body, OnReply on_reply) override;
  bool can(std::string_view ability) const override { return abilities.count(std::string(ability)) > 0; }
  void stop(std::function<void()> done) override { queue_.push_back(std::move(done)); }
  // Api
  void call(std::string_view method, std::string_view path, Parameters parameters, OnReply on_reply,
            std::vector<std::pair<std::string, std::string>> headers, unsigned timeout_ms) override;
  void stop() override { queue_.clear(); }

  // The connection, as the test has it.
  void connect();
  void disconnect(const std::string& why = "connection lost");

  // What Nacos holds. Watchers are told, as they would be.
  void put_config(const ConfigKey& key, const std::string& text);
  void remove_config(const ConfigKey& key);
  void set_hosts(const ServiceKey& key, std::vector<FakeHost> hosts);
  void remove_service(const ServiceKey& key);
  void push(const std::string& type, JsonObject message);

  // Delivers everything that is under way and due, without moving the clock.
  void run();
  // Moves the clock in steps, delivering what comes.
  void pass(std::chrono::milliseconds time);

  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  Agenda agenda;

  std::set<std::string> abilities{"fuzzyWatch"};
  std::map<ConfigKey, std::string> configs;
  std::map<ServiceKey, std::vector<FakeHost>> services;
  std::size_t watch_limit = 500;
  bool registry = true;  // /v3/admin/ai/mcp is served
  bool v1 = true;        // the v1 HTTP API is served
  bool http_up = true;
  bool says_namespace = false;            // pushes of services name their namespace
  std::map<std::string, int> refuse;      // by request type or path: the code to answer with
  std::map<std::string, int> asked;       // how often, by request type or path
  std::vector<std::string> log;           // "METHOD path?name=value&..." of HTTP, in order
  std::vector<JsonObject> registrations;  // bodies of InstanceRequest and BatchInstanceRequest
  std::vector<ConfigKey> listening() const;
  std::vector<ServiceKey> subscribed() const { return {subscribed_.begin(), subscribed_.end()}; }

 private:
  struct Held {
    std::string keys;
    OnReply on_reply;
  };
  Reply answer(std::string_view type, const JsonObject& body);
  Reply answer_http(std::string_view path, const std::map<std::string, std::string>& query);
  Reply list_of_servers(const std::map<std::string, std::string>& query);
  Reply detail(const std::map<std::string, std::string>& query);
  JsonObject service_info(const ServiceKey& key);
  void watch_configs(const std::string& pattern);
  void tell_config(const ConfigKey& key, bool came, bool went);
  void tell_service(const ServiceKey& key, bool came, bool went);
  void release_held();

  Events events_;
  bool connected_ = false;
  std::deque<std::function<void()>> queue_;
  std::map<ConfigKey, std::string> listened_;
  std::set<std::string> patterns_, naming_patterns_;
  std::set<std::string> watched_;  // group keys that a watch tells of
  std::set<ServiceKey> subscribed_;
  std::vector<Held> held_;  // long polls
  std::int64_t ref_time_ = 1'795'000'000'000;
};

// The documents of an MCP server, as the registry stores them.
struct FakeServer {
  std::string id = "c23a9b5a-cba1-49de-8b14-154844134eeb";
  std::string name = "weather";
  std::string version = "1.0.0";
  std::string protocol = "mcp-streamable";
  std::string path = "/mcp";
  std::string group = "mcp-endpoints";
  std::string service{};  // empty: name::version
  std::string ns = "public";
  std::string description = "weather server";
  bool enabled = true;
  bool tools = true;
};
void publish(FakeNacos& nacos, const FakeServer& server, std::vector<FakeHost> hosts = {FakeHost{}});
void unpublish(FakeNacos& nacos, const FakeServer& server);
std::string server_document_of(const FakeServer& server);
std::string versions_document_of(const FakeServer& server, const std::vector<std::string>& drafts = {});

}  // namespace mcpr::nacos::test
