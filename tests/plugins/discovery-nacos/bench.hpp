// A Sync with a Nacos in memory beside it, and what it publishes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fake_nacos.hpp"
#include "sync/sync.hpp"

namespace mcpr::nacos::test {

struct Bench {
  explicit Bench(Options options = {}, bool can_push = true) {
    Sync::Out out;
    out.publish = [this](const sdk::Service& service) {
      EXPECT_GT(service.revision, revision) << service.name << ": revisions grow";
      revision = service.revision;
      shown[service.name] = service;
      events.push_back("+" + service.name);
    };
    out.withdraw = [this](const std::string& name) {
      EXPECT_EQ(shown.erase(name), 1U) << name;
      events.push_back("-" + name);
    };
    out.note = [this](const std::string& line) { notes.push_back(line); };
    out.warn = [this](const std::string& line) { warnings.push_back(line); };
    out.synced = [this] {
      EXPECT_FALSE(synced);
      synced = true;
    };
    out.health = [this](std::int32_t state, const std::string& text) {
      health = state;
      health_text = text;
    };
    sync = std::make_unique<Sync>(nacos, nacos, nacos.agenda, std::move(options), can_push, std::move(out));
    nacos.start({[this] { sync->connected(); }, [this](const std::string& why) { sync->lost(why); },
                 [this](const std::string& type, const JsonObject& message) { sync->pushed(type, message); }});
  }
  ~Bench() { sync.reset(); }

  // Started, connected, and at rest.
  void connect() {
    sync->start();
    nacos.connect();
    nacos.pass(Millis(1'000));
  }
  void pass(Millis time) { nacos.pass(time); }

  // host:port/path of each instance, those that are not healthy or enabled with a mark.
  std::vector<std::string> places(const std::string& name) const {
    std::vector<std::string> out;
    const auto at = shown.find(name);
    if (at == shown.end()) return {"not published"};
    for (const sdk::Instance& instance : at->second.instances) {
      out.push_back((instance.tls ? "https://" : "") + instance.host + ":" + std::to_string(instance.port) +
                    instance.path + (instance.healthy ? "" : " unhealthy") + (instance.enabled ? "" : " disabled"));
    }
    return out;
  }
  int asked(const std::string& what) const {
    const auto at = nacos.asked.find(what);
    return at == nacos.asked.end() ? 0 : at->second;
  }

  FakeNacos nacos;
  std::map<std::string, sdk::Service> shown;
  std::vector<std::string> events, notes, warnings;
  std::uint64_t revision = 0;
  bool synced = false;
  std::int32_t health = MCPR_HEALTH_STARTING;
  std::string health_text;
  std::unique_ptr<Sync> sync;
};

using Places = std::vector<std::string>;

}  // namespace mcpr::nacos::test
