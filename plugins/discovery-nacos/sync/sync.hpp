// Everything that one source does, put together: what is known of Nacos, and what is published of it. Talks to Nacos
// through Rpc and Api only, and has no clock but the agenda's. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "announcements.hpp"
#include "group.hpp"
#include "lookups.hpp"
#include "parts.hpp"
#include "registry.hpp"
#include "way_choice.hpp"

namespace mcpr::nacos {

class Sync {
 public:
  struct Out {
    std::function<void(const sdk::Service&)> publish;
    std::function<void(const std::string& name)> withdraw;
    std::function<void(const std::string& line)> note;
    std::function<void(const std::string& line)> warn;
    std::function<void()> synced;  // once
    std::function<void(std::int32_t state, const std::string& text)> health;
  };
  // can_push: whether rpc is used at all.
  Sync(Rpc& rpc, Api& api, Agenda& agenda, Options options, bool can_push, Out out);
  ~Sync();
  Sync(const Sync&) = delete;
  Sync& operator=(const Sync&) = delete;

  void start() { choice_.start(); }
  void connected();
  void lost(const std::string& why);  // also where an attempt to connect has failed
  // Why we are not logged in, told when Nacos refuses something for it; empty: we are.
  void refused_without_login(const std::string& why);
  void pushed(const std::string& type, const JsonObject& message);
  // Removes what is announced, then falls silent.
  void stop(std::function<void()> done);

  Lookups& lookups() { return lookups_; }
  Announcements& announcements() { return announcements_; }

 private:
  void use(Way way);
  void progressed();
  void report();

  Options options_;
  Out out_;
  bool stopped_ = false;
  bool loaded_ = false;
  std::int32_t state_ = -1;
  std::string text_;
  Agenda::Alarm report_soon_;  // before all that may have problems

  Problems problems_;
  Board board_;
  Claims claims_;
  Configs configs_;
  Naming naming_;
  Parts parts_;
  std::vector<std::unique_ptr<Registry>> registries_;
  std::vector<std::unique_ptr<Group>> groups_;
  Lookups lookups_;
  Announcements announcements_;
  WayChoice choice_;
};

}  // namespace mcpr::nacos
