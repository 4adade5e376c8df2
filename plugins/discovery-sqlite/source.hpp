// The SQLite source: looks whether somebody has committed, reads what changed, and publishes what is different.
#pragma once

#include <chrono>
#include <mcpr/sdk.hpp>
#include <optional>
#include <string>
#include <utility>

#include "config.hpp"
#include "folder_watch.hpp"
#include "mirror.hpp"
#include "reader.hpp"
#include "stop_signal.hpp"
#include "strand.hpp"

namespace mcpr::sqlite {

// The control thread keeps time; all that touches the database runs on the strand, on the host's pool.
class Source : public sdk::Discovery {
 public:
  explicit Source(const Context& context);  // throws where the configuration is wrong
  void start() override;
  void lookup(std::string_view name, sdk::Answer answer) override;
  void stop(sdk::Answer done) override;

  static constexpr sdk::CommandText kCommand{
      "services",
      "services add NAME URL...           puts a service into the database (mcp.router.database.path)\n"
      "services remove|enable|disable NAME...\n"
      "services add-instance|remove-instance NAME URL...\n"
      "services import FILE               takes the rows of a table that mysql -BN has printed\n"
      "services list [--json]             shows what is in the database"};
  static int command(const sdk::CommandCall& call);

 private:
  using Clock = std::chrono::steady_clock;

  void look();                                                      // on the strand, one look at a time
  void look_in(Clock::duration time);                               // once, however often it is asked for
  Clock::duration refresh();                                        // [strand] how long to rest
  void publish(Mirror::Changes changes);                            // [strand]
  void say(std::int32_t state, std::string text);                   // [strand] the health, where it differs
  void answer(const std::string& name, const sdk::Answer& answer);  // [strand]

  Config config_;
  StopSignal stop_;
  FolderWatch folder_;
  std::optional<sdk::FdWatch> events_;
  sdk::Timer poll_, soon_;
  Clock::time_point rest_until_{};
  bool looking_ = false, look_again_ = false, stopped_ = false;

  // Of the strand.
  DatabaseReader reader_{config_, stop_};
  Mirror mirror_;
  std::uint64_t revision_ = 0;
  std::pair<std::int32_t, std::string> said_{MCPR_HEALTH_STARTING, ""};
  bool loaded_ = false;  // once: from then on what was published stays
  Strand strand_;
};

}  // namespace mcpr::sqlite
