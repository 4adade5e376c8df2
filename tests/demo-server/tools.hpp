// The tools of the demo server. Every call is counted; slow ones end by timers and can be cancelled.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "host/mcp/peek.hpp"
#include "tests/demo-server/options.hpp"
#include "tests/demo-server/outlet.hpp"

namespace mcpr::demo {

// What a call is answered by and for whom. `scope` is the session's id, empty in the stateless era; it need only live
// as long as the function that it is given to.
struct Caller {
  std::shared_ptr<Outlet> out;
  std::string_view scope;
  bool stateless = false;
  bool may_log = false;  // log messages are wanted
};

class Tools {
 public:
  Tools(net::Loop& loop, const Options& options);
  ~Tools();
  Tools(const Tools&) = delete;
  Tools& operator=(const Tools&) = delete;

  static std::string_view list();  // the members of a tools/list result, without braces

  // tools/call. `capacity`: bytes readable from the start of message.params on, padding included.
  void call(Caller caller, const mcp::Message& message, std::size_t capacity);
  void cancel(std::string_view scope, std::string_view id);
  void forget(const std::string& scope);  // the session has ended: what it waits for is dropped
  void client_gone(const Outlet& out);    // stateless era: closing the stream cancels

  std::uint64_t calls() const { return total_; }

 private:
  struct Running;
  struct Arguments;
  using Pending = std::map<std::pair<std::string, std::string>, std::unique_ptr<Running>>;

  void echo(const Caller& caller, const mcp::Message& message, Arguments& arguments);
  void big(const Caller& caller, const mcp::Message& message, Arguments& arguments);
  void fail(const Caller& caller, const mcp::Message& message, Arguments& arguments);
  void events(const Caller& caller, const mcp::Message& message, Arguments& arguments);
  void count(const Caller& caller, const mcp::Message& message);
  void start(const Caller& caller, const mcp::Message& message, unsigned steps, unsigned pause_ms, std::string done);
  void step(Running& running);
  void end(Running& running);

  void text(const Caller& caller, std::string_view id, std::string_view text, bool error = false,
            std::string_view structured = {});

  net::Loop& loop_;
  const Options& options_;
  Pending pending_;
  std::array<std::uint64_t, 7> per_tool_{};
  std::uint64_t total_ = 0;
  std::uint64_t cancelled_ = 0;  // by a notification, or in the stateless era by closing the stream
  std::uint64_t finished_ = 0;   // waiting calls that ran to their end
  std::string answer_;           // where answers are put together
};

}  // namespace mcpr::demo
